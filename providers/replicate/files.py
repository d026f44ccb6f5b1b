"""How given files reach Replicate: small ones inside the request, larger ones by its upload.

Source: https://replicate.com/docs/topics/predictions/input-files
"""

from __future__ import annotations

import base64
import hashlib
import re

from starloom.api import InputFile

INLINE_BYTES = 256_000
"""The largest file that may stand in a request, as a data address."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 100


def data_address(mime_type: str, content: bytes) -> str:
    """A file as an address that holds all of it."""
    return f"data:{mime_type};base64,{base64.b64encode(content).decode()}"


def upload_body(file: InputFile, content: bytes) -> tuple[bytes, str]:
    """The body of an upload (`multipart/form-data`), and its content type."""
    boundary = hashlib.blake2b(content, digest_size=24, person=b"replicate").hexdigest()
    name = safe_name(file.name)
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="content"; filename="{name}"\r\n'
        f"Content-Type: {file.mime_type}\r\n\r\n"
    )
    rest = "".join(
        f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}'
        for field, value in (("filename", name), ("type", file.mime_type))
    )
    body = head.encode() + content + f"{rest}\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def safe_name(name: str) -> str:
    """A file name that can stand in a header, ending as it ended."""
    return _UNSAFE.sub("_", name)[-_LONGEST_NAME:] or "file"
