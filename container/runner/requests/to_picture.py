"""The script of the process that makes a picture of a file: reads it from standard input, writes a PNG or JPEG of
at most so many bytes to standard output, or one line with the reason to standard error. It runs as the program's
user, within limits, and needs Pillow; it imports nothing of the runner."""

from __future__ import annotations

import io
import os
import site
import sys
from importlib import import_module
from typing import Any, NoReturn

SIDES = (1568, 1200, 900, 640, 450, 320, 200)  # longest side; models gain nothing from more than the first
MAX_PIXELS = 60_000_000  # most pixels to unpack, at up to 4 bytes each
SOURCE_BYTES = 100 * 1024 * 1024  # as limits.PICTURE_SOURCE_BYTES, which cannot be imported here
JPEG_QUALITY = 82
PHOTOS = ("JPEG", "MPO", "WEBP", "HEIF", "AVIF")  # lossy formats are not tried as PNG, which takes long


def main(max_bytes: int) -> None:
    try:
        image_module = import_module("PIL.Image")
    except ImportError:
        give_up("Pillow is not installed, so it cannot be made smaller or converted (pip_install Pillow)")
    source = opened(image_module)
    is_photo = getattr(source, "format", None) in PHOTOS
    picture = upright(source)
    for side in SIDES:
        picture.thumbnail((side, side))
        found = encoded(picture, max_bytes, is_photo)
        if found:
            write_all(found)
            return
    give_up(f"no version of it has {max_bytes} bytes or less")


def add_packages(folder: str) -> None:
    """Adds the workspace's own packages, where programs find them: before the base's, after the standard library."""
    sites = set(site.getsitepackages())
    place = next((i for i, entry in enumerate(sys.path) if entry in sites), len(sys.path))
    sys.path[place:place] = [folder] if folder else []


def opened(image_module: Any) -> Any:
    """The picture, not unpacked yet; of a moving one the first frame."""
    image_module.MAX_IMAGE_PIXELS = None  # a large picture is refused below, in words of ours
    source = os.fdopen(os.dup(0), "rb")
    source.seek(0)
    start = source.read(1024)
    source.seek(0)
    if b"<svg" in start or start.lstrip().startswith(b"<?xml"):
        source = io.BytesIO(drawn(source.read(SOURCE_BYTES)))
    elif start[4:8] == b"ftyp":
        try:
            import_module("pillow_heif").register_heif_opener()
        except ImportError:
            give_up("pillow-heif is not installed, so it cannot be converted (pip_install pillow-heif)")
    picture = image_module.open(source)
    if picture.size[0] * picture.size[1] > MAX_PIXELS:
        give_up(f"it has {picture.size[0]} × {picture.size[1]} pixels, too many to unpack")
    return picture


def drawn(svg: bytes) -> bytes:
    try:
        cairosvg = import_module("cairosvg")
    except ImportError:
        give_up("CairoSVG is not installed, so it cannot be converted (pip_install cairosvg)")
    return cairosvg.svg2png(bytestring=svg, output_width=SIDES[0], unsafe=False)


def upright(picture: Any) -> Any:
    """The picture right side up, in a mode that both formats can store."""
    picture.draft("RGB", (SIDES[0], SIDES[0]))  # a JPEG is then unpacked at about that size
    clear = "A" in picture.getbands() or "transparency" in picture.info
    return import_module("PIL.ImageOps").exif_transpose(picture).convert("RGBA" if clear else "RGB")


def encoded(picture: Any, max_bytes: int, is_photo: bool) -> bytes | None:
    """The picture as PNG if it fits, as charts and screenshots do, else as JPEG on white."""
    data = io.BytesIO()
    if not is_photo:
        picture.save(data, "PNG", optimize=True)
        if data.tell() <= max_bytes:
            return data.getvalue()
    if picture.mode == "RGBA":
        ground = import_module("PIL.Image").new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=JPEG_QUALITY)
    return data.getvalue() if data.tell() <= max_bytes else None


def write_all(data: bytes) -> None:
    with os.fdopen(os.dup(1), "wb") as out:
        out.write(data)


def give_up(reason: str) -> NoReturn:
    os.write(2, reason.encode())
    os._exit(1)


if __name__ == "__main__":
    try:
        add_packages(sys.argv[2])
        main(int(sys.argv[1]))
    except Exception as error:
        # Any error of a decoder is a statement about the file.
        give_up(f"it cannot be read as a picture ({type(error).__name__})")
