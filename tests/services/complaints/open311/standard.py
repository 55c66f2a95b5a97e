"""A client of Open311 written from the standard alone: nothing of ours is known to it but a URL.

GeoReport v2 (wiki.open311.org/GeoReport_v2): services, their definitions, requests, tokens.
"""

from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

import httpx


@dataclass
class GeoReport:
    http: httpx.AsyncClient
    discovery_url: str
    form: str = "json"
    endpoint: str = ""

    async def discover(self) -> None:
        """The endpoint of version 2 that speaks our format."""
        found = await self._get(f"{self.discovery_url}.{self.form}")
        wanted = {"json": "application/json", "xml": "text/xml"}[self.form]
        for endpoint in found["endpoints"]:
            if "GeoReport_v2" in endpoint["specification"] and wanted in endpoint["formats"]:
                self.endpoint = endpoint["url"]

    async def services(self) -> list[dict[str, Any]]:
        return await self._list("services")

    async def definition(self, service_code: str) -> dict[str, Any]:
        found: dict[str, Any] = await self._get(
            f"{self.endpoint}/services/{service_code}.{self.form}"
        )
        return found

    async def file(self, service: dict[str, Any], knows: dict[str, str], **fields: str) -> Any:
        """Tell what the definition requires, from what the user of the app knows."""
        told = {"service_code": service["service_code"], **fields}
        if service["metadata"] in {True, "true"}:
            for attribute in (await self.definition(service["service_code"]))["attributes"]:
                if attribute["required"] in {True, "true"}:
                    told[f"attribute[{attribute['code']}]"] = knows[attribute["description"]]
        answer = await self.http.post(f"{self.endpoint}/requests.{self.form}", data=told)
        assert answer.is_success, answer.text
        return self._read(answer)[0]

    async def number_of(self, token: str) -> str:
        (found,) = await self._list(f"tokens/{token}")
        return str(found["service_request_id"])

    async def request(self, service_request_id: str) -> dict[str, Any]:
        (found,) = await self._list(f"requests/{service_request_id}")
        return found

    async def requests(self, **query: str) -> list[dict[str, Any]]:
        return await self._list("requests", **query)

    async def _list(self, path: str, **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._get(
            f"{self.endpoint}/{path}.{self.form}", **query
        )
        return found

    async def _get(self, url: str, **query: str) -> Any:
        answer = await self.http.get(url, params=query)
        assert answer.status_code == 200, answer.text
        return self._read(answer)

    def _read(self, answer: httpx.Response) -> Any:
        if self.form == "json":
            assert answer.headers["content-type"] == "application/json"
            return answer.json()
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        assert answer.content.lower().startswith(b"<?xml version='1.0' encoding='utf-8'?>")
        return read_xml(ET.fromstring(answer.content))  # noqa: S314 - our own answer


LISTS = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}


def read_xml(element: ET.Element) -> Any:
    """As the JSON of the same document, but that every value is text or None."""
    if element.tag in LISTS:
        assert {child.tag for child in element} <= {LISTS[element.tag]}
        return [read_xml(child) for child in element]
    if len(element):
        return {child.tag: read_xml(child) for child in element}
    return element.text
