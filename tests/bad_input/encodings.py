"""Bytes in place of letters: the spoilt file, what stands in it, what bytes stand there instead, place and word."""

from __future__ import annotations

# fmt: off
CASES: dict[str, list[tuple[str, str, bytes, str, str]]] = {
    "a file in another encoding or of another kind": [
        ("case.yaml", "name: sound", "name: 吉林".encode("gbk"), "case.yaml:1:7", "not UTF-8"),
        ("case.yaml", "name: sound", "name: sound".encode("utf-16"), "case.yaml:1:1", "not UTF-8"),
        ("case.yaml", "name: sound", b"\0\0\0\0", "case.yaml:1:1", "unacceptable character"),
        ("case.yaml", "name: sound", b"name: s\x80und", "case.yaml:1:8", "not UTF-8"),
        ("segments.csv", "yearbook", "年鉴".encode("gbk"), "segments.csv:3:25", "not UTF-8"),
        ("enterprises.csv", "First Works", "第一".encode("gbk"), "enterprises.csv:2:7", "not UTF-8"),
        ("enterprises.csv", "id,name", b"PK\x03\x04\0\xff", "enterprises.csv:1:6", "not UTF-8"),
        ("design.yaml", "name: trial", "name: 吉林".encode("gbk"), "design.yaml:1:7", "not UTF-8"),
    ],
}
# fmt: on
