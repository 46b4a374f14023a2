"""The vSphere API of an ESXi host (SOAP 1.1, vim25): the few calls a monitor makes, read only.

What is in the inventory stands in `vsphere_inventory`. Sessions are cookies, as ESXi has them; a
page of an answer holds as many objects as the caller allows.
"""

import hmac
import secrets
from collections.abc import Iterator
from xml.sax.saxutils import escape

from lxml import etree

from jingwei.region.thing import Thing
from jingwei.region.web.server import Request, Response
from jingwei.region.web.vsphere_inventory import Object, inventory

_COOKIE = "vmware_soap_session"
_MOST_SESSIONS = 16
_XML = "text/xml; charset=utf-8"
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope'
    ' xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<soapenv:Body>{}</soapenv:Body></soapenv:Envelope>"
)
_CONTENT = (
    '<rootFolder type="Folder">ha-folder-root</rootFolder>'
    '<propertyCollector type="PropertyCollector">ha-property-collector</propertyCollector>'
    '<viewManager type="ViewManager">ViewManager</viewManager>'
    "<about><name>VMware ESXi</name><fullName>VMware ESXi 6.5.0 build-5969303</fullName>"
    "<vendor>VMware, Inc.</vendor><version>6.5.0</version><build>5969303</build>"
    "<localeVersion>INTL</localeVersion><localeBuild>000</localeBuild>"
    "<osType>vmnix-x86</osType><productLineId>embeddedEsx</productLineId>"
    "<apiType>HostAgent</apiType><apiVersion>6.5</apiVersion></about>"
    '<sessionManager type="SessionManager">ha-sessionmgr</sessionManager>'
)


class VsphereFace:
    """Answers for one host."""

    def __init__(self, thing: Thing, *, user: str, password: str) -> None:
        self._thing = thing
        self._login = f"{user}\n{password}".encode()
        self._sessions: set[str] = set()
        self._pages: dict[str, tuple[int, list[str]]] = {}  # token -> page size, what is left

    @property
    def sessions(self) -> int:
        """How many are logged in and have not logged out."""
        return len(self._sessions)

    def __call__(self, request: Request) -> Response:
        """The response to a request."""
        if request.path.rstrip("/") != "/sdk":
            return Response.html("<h1>VMware ESXi</h1>", 200 if request.path == "/" else 404)
        if request.method != "POST":
            return Response.html("", 405)
        call = _call(request.body)
        if call is None:
            return _fault("InvalidRequestFault", "InvalidRequest", "not a vim25 request")
        return self._answer(etree.QName(call).localname, call, request)

    def _answer(self, name: str, call: etree._Element, request: Request) -> Response:
        if name == "RetrieveServiceContent":
            return _said(name, _CONTENT)
        if name == "Login":
            return self._log_in(call)
        session = _session(request)
        if session not in self._sessions:
            return _fault("NotAuthenticatedFault", "NotAuthenticated", "not authenticated")
        done = self._done(name, call, session)
        return done or _fault("NotSupportedFault", "NotSupported", name)

    def _done(self, name: str, call: etree._Element, session: str) -> Response | None:
        """The answer to who is logged in; None for what this host never does."""
        if name == "Logout":
            self._sessions.discard(session)
            return _said(name)
        if name == "CreateContainerView":
            return _said(name, '<returnval type="ContainerView">session/view-1</returnval>')
        if name == "RetrievePropertiesEx":
            return self._page(name, _page_size(call), list(_objects(call, self._thing)))
        if name == "ContinueRetrievePropertiesEx":
            return self._further(name, _text(call, "token"))
        return None

    def _further(self, name: str, token: str) -> Response:
        size, left = self._pages.pop(token, (0, []))
        if not left:
            return _fault("InvalidArgumentFault", "InvalidArgument", "token")
        return self._page(name, size, left)

    def _log_in(self, call: etree._Element) -> Response:
        given = f"{_text(call, 'userName')}\n{_text(call, 'password')}".encode()
        if not hmac.compare_digest(given, self._login):
            said = "Cannot complete login due to an incorrect user name or password."
            return _fault("InvalidLoginFault", "InvalidLogin", said)
        if len(self._sessions) >= _MOST_SESSIONS:
            return Response.html("Service Unavailable", 503)
        session = secrets.token_hex(16)
        self._sessions.add(session)
        user = escape(_text(call, "userName"))
        body = f"<returnval><key>{session}</key><userName>{user}</userName></returnval>"
        return _said("Login", body, {"Set-Cookie": f'{_COOKIE}="{session}"; Path=/; HttpOnly'})

    def _page(self, name: str, size: int, objects: list[str]) -> Response:
        token = ""
        if len(objects) > size:
            key = secrets.token_hex(4)
            self._pages[key] = size, objects[size:]
            token = f"<token>{key}</token>"
        return _said(name, f"<returnval>{token}{''.join(objects[:size])}</returnval>")


def _call(body: bytes) -> etree._Element | None:
    """The element of the operation; None for what is no SOAP request."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None
    found = root.find("{http://schemas.xmlsoap.org/soap/envelope/}Body/{urn:vim25}*")
    return found if found is not None and isinstance(found.tag, str) else None


def _text(element: etree._Element, name: str) -> str:
    return element.findtext(f"{{urn:vim25}}{name}") or ""


def _page_size(call: etree._Element) -> int:
    given = call.findtext("{urn:vim25}options/{urn:vim25}maxObjects") or ""
    return int(given) if given.isascii() and given.isdigit() and int(given) else 1000


def _objects(call: etree._Element, thing: Thing) -> Iterator[str]:
    """What was asked of the inventory, as the property collector writes it."""
    wanted = {
        _text(one, "type"): {path.text for path in one.iterfind("{urn:vim25}pathSet")}
        for one in call.iterfind("{urn:vim25}specSet/{urn:vim25}propSet")
    }
    for one in inventory(thing):
        if one.kind in wanted:
            yield _written(one, {path for path in wanted[one.kind] if path})


def _written(one: Object, paths: set[str]) -> str:
    values = "".join(
        f'<propSet><name>{path}</name><val xsi:type="{kind}">{value}</val></propSet>'
        for path, (kind, value) in one.properties.items()
        if path in paths
    )
    return f'<objects><obj type="{one.kind}">{one.key}</obj>{values}</objects>'


def _session(request: Request) -> str:
    cookies = (part.strip() for part in request.headers.get("cookie", "").split(";"))
    found = (cookie.partition("=") for cookie in cookies)
    return next((value.strip('"') for name, _, value in found if name == _COOKIE), "")


def _said(name: str, body: str = "", headers: dict[str, str] | None = None) -> Response:
    inside = f"<returnval>{body}</returnval>" if name == "RetrieveServiceContent" else body
    answer = f'<{name}Response xmlns="urn:vim25">{inside}</{name}Response>'
    return Response(200, _ENVELOPE.format(answer).encode(), _XML, headers or {})


def _fault(element: str, kind: str, said: str) -> Response:
    answer = (
        "<soapenv:Fault><faultcode>ServerFaultCode</faultcode>"
        f"<faultstring>{escape(said)}</faultstring><detail>"
        f'<{element} xmlns="urn:vim25" xsi:type="{kind}"/></detail></soapenv:Fault>'
    )
    return Response(500, _ENVELOPE.format(answer).encode(), _XML)
