"""Refusals of manifests."""

from shared.errors import Conflict, NotFound


class ManifestNotFound(NotFound):
    code, title = "manifest_not_found", "No such manifest"


class NothingToClose(Conflict):
    code, title = "nothing_to_close", "There is nothing to put on a manifest"


class OnAnotherManifest(Conflict):
    code, title = "on_another_manifest", "A parcel is on another manifest"


class CountDiffers(Conflict):
    code, title = "count_differs", "The pieces counted are not those announced"


class ManifestOver(Conflict):
    code, title = "manifest_over", "The manifest no longer waits"
