"""Chart archives are read with Helm's rules, and nothing in one can reach outside."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest

from pilothouse.charts.archive import MAXIMUM_SIZE, clean_path, ensure_archive, load_archive_files
from pilothouse.charts.errors import ArchiveInvalid


def _archive(*members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE, form: int = tarfile.PAX_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz", format=form) as archive:
        for name, data in members:
            entry = tarfile.TarInfo(name)
            entry.type = kind
            entry.size = len(data) if kind == tarfile.REGTYPE else 0
            entry.linkname = "/etc/passwd"
            entry.mtime = 1_600_000_000
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def test_top_folder_is_taken_off() -> None:
    """The first path element is dropped, whatever it is, and times are kept."""
    files = load_archive_files(_archive(("t/Chart.yaml", b"a"), ("other/templates/x.yaml", b"b")))
    assert [(file.name, file.data) for file in files] == [("Chart.yaml", b"a"), ("templates/x.yaml", b"b")]
    assert files[0].modified == 1_600_000_000 * 10**9


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize("length", [99, 100, 101, 154, 260, 400])
def test_long_names_are_read(form: int, length: int) -> None:
    """Names of any length and alphabet come back whole, in both common formats."""
    for letter in "xé":
        name = "/".join(["d" * 40] * (length // 41)) + "/" + letter * (length % 41 + 1)
        assert load_archive_files(_archive((f"t/{name}", b"1"), form=form))[0].name == name


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("t//x", "chart illegally contains absolute paths"),
        ("t//etc/passwd", "chart illegally contains absolute paths"),
        ("x", 'chart illegally contains content outside the base directory: "x"'),
        ("t/.", 'chart illegally contains content outside the base directory: "t/."'),
        ("Chart.yaml", 'chart illegally contains content outside the base directory: "Chart.yaml"'),
        ("Chart.yaml/x", "chart yaml not in base directory"),
        ("t/../../x", "chart illegally references parent directory"),
        ("t/../x", "chart illegally references parent directory"),
        ("../../x", "chart illegally references parent directory"),
        ("t/a/../../../x", "chart illegally references parent directory"),
        ("t\\..\\..\\x", "chart illegally references parent directory"),
        ("t/c:/x", "chart contains illegally named files"),
        ("t\\c:\\x", "chart contains illegally named files"),
    ],
)
def test_names_that_lead_outside_are_refused(name: str, message: str) -> None:
    """Every way to name a file outside the chart ends in Helm's text (CVE-2019-1000008)."""
    with pytest.raises(ArchiveInvalid) as caught:
        load_archive_files(_archive((name, b"1")))
    assert caught.value.message == message


def test_parent_steps_that_stay_inside_are_allowed() -> None:
    """A path may go up as long as it stays below the top folder."""
    assert load_archive_files(_archive(("t/a/../x", b"1")))[0].name == "x"


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_empty_files(kind: bytes) -> None:
    """A link is never followed: it is a file without content."""
    files = load_archive_files(_archive(("t/values.yaml", b""), kind=kind))
    assert [(file.name, file.data) for file in files] == [("values.yaml", b"")]


def test_a_bomb_is_noticed_before_it_is_unpacked() -> None:
    """An entry larger than all that is allowed is refused by its header (CVE-2025-32386)."""
    entry = tarfile.TarInfo("t/big")
    entry.size = MAXIMUM_SIZE + 1
    data = gzip.compress(entry.tobuf(tarfile.USTAR_FORMAT))
    with pytest.raises(ArchiveInvalid, match=r"decompressed chart is larger than the maximum size 104857600"):
        load_archive_files(data)


def test_folders_and_global_headers_are_passed_over() -> None:
    """Only files count; an archive of folders alone has none."""
    with pytest.raises(ArchiveInvalid, match=r"no files in chart archive"):
        load_archive_files(_archive(("t/", b""), ("t/templates/", b""), kind=tarfile.DIRTYPE))


@pytest.mark.parametrize("cut", [5, 12, 60, -9])
def test_truncated_archives_say_so(cut: int) -> None:
    """An archive that ends too early is an error, not a smaller chart."""
    whole = _archive(*((f"t/{number}", bytes(range(256)) * 40) for number in range(5)))
    with pytest.raises(ArchiveInvalid, match=r"unexpected EOF"):
        load_archive_files(whole[:cut] if cut > 0 else whole[: len(whole) // 2])


def test_a_tampered_header_is_refused() -> None:
    """A header whose checksum is wrong ends the reading."""
    raw = bytearray(gzip.decompress(_archive(("t/x", b"1"))))
    raw[0] ^= 1
    with pytest.raises(ArchiveInvalid, match=r"archive/tar: invalid tar header"):
        load_archive_files(gzip.compress(bytes(raw)))


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"", "EOF"), (b"\x1f\x8b", "unexpected EOF"), (b"not a gzip stream", "gzip: invalid header")],
)
def test_what_is_no_gzip_is_refused(data: bytes, message: str) -> None:
    """The texts are those of Go's ``compress/gzip``."""
    with pytest.raises(ArchiveInvalid) as caught:
        load_archive_files(data)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("name", "start", "message"),
    [
        ("x.yaml", b"a: 1", "file 'x.yaml' seems to be a YAML file, but expected a gzipped archive"),
        ("x", b"a: 1", "file 'x' does not appear to be a gzipped archive; got 'application/octet-stream'"),
        ("x", b"a: 1\n" * 200, "file 'x' does not appear to be a gzipped archive; got 'text/plain; charset=utf-8'"),
        ("x", b"PK\x03\x04", "file 'x' does not appear to be a gzipped archive; got 'application/zip'"),
        ("x", b"<html><a>", "file 'x' does not appear to be a gzipped archive; got 'text/html; charset=utf-8'"),
    ],
)
def test_other_files_are_named_for_what_they_are(name: str, start: bytes, message: str) -> None:
    """A file that is no archive is refused with what it seems to be."""
    with pytest.raises(ArchiveInvalid) as caught:
        ensure_archive(name, start)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("path", "cleaned"), [("", "."), ("a/./b//c", "a/b/c"), ("a/..", "."), ("../a", "../a"), ("/../a", "/a")]
)
def test_paths_are_cleaned_as_go_does(path: str, cleaned: str) -> None:
    """``clean_path`` is Go's ``path.Clean``."""
    assert clean_path(path) == cleaned
