"""An analysis that takes no time: ``fake_analysis.py APPLICATION STUDY --out OUT [--wait SECONDS] [--until FILE]``.

It writes what the real ones write: a result, a report, and one DICOM object in ``dicom``, whose identifiers follow
from the input alone.  Where a file ``fail-<code>`` lies beside it, it fails as the command line fails.  It needs the
standard library only, so that it starts in milliseconds; its input is explicit little endian.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path

STUDY, INSTANCE, NAME, PATIENT = (0x20, 0x0D), (0x08, 0x18), (0x10, 0x10), (0x10, 0x20)
CAPTURE, EXPLICIT = "1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.1.2.1"


def value(data: bytes, group: int, element: int, vr: str) -> str:
    """The text of an element with a short length."""
    head = bytes([group, 0, element, 0]) + vr.encode()
    start = data.index(head) + len(head)
    length = int.from_bytes(data[start : start + 2], "little")
    return data[start + 2 : start + 2 + length].decode().strip(" \0")


def written(group: int, element: int, vr: str, content: str | int | bytes) -> bytes:
    """One element."""
    data = content.to_bytes(2, "little") if isinstance(content, int) else content
    data = data.encode() if isinstance(data, str) else data
    data += (b"\0" if vr in ("UI", "OB") else b" ") * (len(data) % 2)
    head = group.to_bytes(2, "little") + element.to_bytes(2, "little") + vr.encode()
    long = b"\0\0" + len(data).to_bytes(4, "little")
    return head + (long if vr == "OB" else len(data).to_bytes(2, "little")) + data


def uid(*parts: str) -> str:
    """The same UID for the same parts."""
    return f"2.25.{int(hashlib.md5(' '.join(parts).encode()).hexdigest(), 16)}"


def made_of(files: list[bytes]) -> bytes:
    """The file that stands for the result."""
    instances = sorted(value(data, *INSTANCE, "UI") for data in files)
    series, instance = uid("series", *instances), uid("instance", *instances)
    meta = [(2, 1, "OB", b"\0\1"), (2, 2, "UI", CAPTURE), (2, 3, "UI", instance), (2, 0x10, "UI", EXPLICIT)]
    meta = b"".join(written(*item) for item in [*meta, (2, 0x12, "UI", uid("implementation"))])
    texts = [
        (8, 5, "CS", "ISO_IR 192"),
        (8, 0x16, "UI", CAPTURE),
        (8, 0x18, "UI", instance),
        (8, 0x20, "DA", "20260101"),
        (8, 0x30, "TM", "120000"),
        (8, 0x50, "SH", ""),
        (8, 0x60, "CS", "OT"),
        (8, 0x64, "CS", "WSD"),
        (8, 0x70, "LO", "scanserve"),
        (8, 0x90, "PN", ""),
        (0x10, 0x10, "PN", value(files[0], *NAME, "PN")),
        (0x10, 0x20, "LO", value(files[0], *PATIENT, "LO")),
        (0x10, 0x30, "DA", ""),
        (0x10, 0x40, "CS", "O"),
        (0x20, 0x0D, "UI", value(files[0], *STUDY, "UI")),
        (0x20, 0x0E, "UI", series),
        (0x20, 0x10, "SH", "1"),
        (0x20, 0x11, "IS", "9001"),
        (0x20, 0x13, "IS", "1"),
        (0x20, 0x4000, "LT", f"{len(files)} instances"),
    ]
    pixels = [
        (0x28, 2, "US", 1),
        (0x28, 4, "CS", "MONOCHROME2"),
        (0x28, 0x10, "US", 8),
        (0x28, 0x11, "US", 8),
        (0x28, 0x100, "US", 8),
        (0x28, 0x101, "US", 8),
        (0x28, 0x102, "US", 7),
        (0x28, 0x103, "US", 0),
        (0x7FE0, 0x10, "OB", bytes(64)),
    ]
    length = b"\2\0\0\0UL\4\0" + len(meta).to_bytes(4, "little")
    return bytes(128) + b"DICM" + length + meta + b"".join(written(*item) for item in [*texts, *pixels])


def fail_as_told(said: str) -> None:
    for file in Path(__file__).parent.glob("fail-*"):
        sys.stderr.write(f"error [{file.name.removeprefix('fail-')}]: {said}\n")
        sys.exit(int(file.read_text()))


def wait_until(file: str) -> None:
    """Wait until a file is there; "" waits for nothing."""
    while file and not Path(file).exists():
        time.sleep(0.02)


def main(application: str, study: str, out: Path, wait_s: float, until: str) -> None:
    """Analyse a study."""
    files = [file.read_bytes() for file in sorted(Path(study).iterdir())]
    fail_as_told(f"the study of {value(files[0], *NAME, 'PN')} is not usable")
    time.sleep(wait_s)
    wait_until(until)
    partial = out.with_name(f".{out.name}.partial")
    (partial / "dicom").mkdir(parents=True)
    (partial / "dicom" / "result.dcm").write_bytes(made_of(files))
    (partial / "result.json").write_text(json.dumps({"application": application, "instances": len(files)}))
    (partial / "report.html").write_text(f"<h1>Report</h1><p>{len(files)} instances; not for diagnosis.</p>")
    partial.rename(out)


if __name__ == "__main__":
    words = [word for word in sys.argv if word != "--dicom"]
    given = dict(zip(words[3::2], words[4::2], strict=True))
    main(
        sys.argv[1],
        sys.argv[2],
        Path(given["--out"]),
        float(given.get("--wait", 0)),
        given.get("--until", ""),
    )
