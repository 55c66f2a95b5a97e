"""Refusals of this slice."""

from shared.errors import Conflict, NotFound, Unauthenticated


class DeviceRefused(Unauthenticated):
    code, title = "device_refused", "Not signed in"


class DeviceNotFound(NotFound):
    code, title = "device_not_found", "No such device"


class TooManyDevices(Conflict):
    code, title = "too_many_devices", "The account has too many devices"


def refused() -> DeviceRefused:
    """The same for an unknown, revoked or locked device, a wrong signature and a wrong PIN."""
    return DeviceRefused(
        "the device, its signature or the PIN is not accepted; after 5 wrong PINs it has to be"
        " enrolled anew"
    )
