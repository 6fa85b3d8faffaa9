"""Outputs in, the same with compressed forms of each text beside them out. The door to brotli.

A host that finds `index.html.br` beside `index.html` sends it as it is. Made with the utmost care,
such a form costs a tenth of a second a page, so each is kept in a folder under a name made of the
bytes that it was made from. What is kept is never believed: a form is used only if it opens to
just these bytes. So a spoilt folder costs time and nothing else.
"""

from __future__ import annotations

import importlib.util
import os
import re
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from sitebuilder.core.config import CONFIG_PATH as CONFIG
from sitebuilder.core.config import Config
from sitebuilder.core.digest import content_digest
from sitebuilder.core.model import Output
from sitebuilder.core.problems import Problem, problem
from sitebuilder.output.headers import TEXT_EXTENSIONS

CACHE_DIR: Final = ".cache/compressed"
"""Where forms are kept, below the root of the site."""

_CACHE_FILE_PATTERN: Final = r"[0-9a-f]{32}\.[0-9a-z.+-]+\.(br|gz)(\.|$)"
"""Names of forms there, half made ones too."""


def check_encoder(config: Config) -> list[Problem]:
    """The problem, if config asks for what cannot be made here."""
    if not config.compress or importlib.util.find_spec("brotli"):
        return []
    message = "'compress: true' needs the package brotli, which is not installed"
    hint = "Run 'pip install brotli', or write 'compress: false'."
    line = config.lines.get("compress", 0)
    return [problem("compress", CONFIG, message, hint=hint, line=line)]


def precompress_outputs(outputs: Sequence[Output], cache_dir: Path) -> list[Output]:
    """The outputs, and after each text its forms `.br` and `.gz`, where they are smaller.

    `folder` keeps them for the next build: just those that are in use now. A folder that cannot
    be written keeps nothing, and that is all. OSError: an output's own file has gone.
    """
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - for these sites alone

    texts = [o for o in outputs if o.path.rpartition(".")[2] in TEXT_EXTENSIONS]
    ways = {"br": _brotli_encoder(), "gz": _gzip_encoder()}
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # both libraries let go of Python's lock
        forms = list(
            pool.map(lambda output: list(_compressed_variants(output, cache_dir, ways)), texts)
        )
    used = {name for found in forms for name, _ in found}
    with suppress(OSError):
        for path in cache_dir.iterdir():
            if path.name not in used and re.match(_CACHE_FILE_PATTERN, path.name):
                path.unlink()
    return [*outputs, *(form for found in forms for _, form in found if form)]


class _Encoder(msgspec.Struct, frozen=True):
    """One way to compress. `unpack` gives at most so many bytes, and none if it is torn."""

    version: str
    compress: Callable[[bytes], bytes]
    decompress: Callable[[bytes, int], bytes]


def _gzip_encoder() -> _Encoder:
    def pack(data: bytes) -> bytes:  # its head has no time and no name in it
        packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        return packer.compress(data) + packer.flush()

    def unpack(data: bytes, most: int) -> bytes:
        opener = zlib.decompressobj(16 + zlib.MAX_WBITS)
        found = opener.decompress(data, most)
        return found if opener.eof and not opener.unused_data else b""

    return _Encoder(zlib.ZLIB_RUNTIME_VERSION, pack, unpack)


def _brotli_encoder() -> _Encoder:
    import brotli  # noqa: PLC0415 - only sites that ask for it need it

    def unpack(data: bytes, most: int) -> bytes:
        try:
            opener = brotli.Decompressor()
            found: bytes = opener.process(data, output_buffer_limit=most)
        except brotli.error:
            return b""
        return found if opener.is_finished() else b""

    return _Encoder(brotli.__version__, brotli.compress, unpack)


def _compressed_variants(
    output: Output, cache_dir: Path, encoders: Mapping[str, _Encoder]
) -> Iterator[tuple[str, Output | None]]:
    """The name under which each form is kept, and the form if it is smaller."""
    data = output.load()
    for suffix, way in encoders.items():
        name = f"{output.digest}.{way.version}.{suffix}"
        made = _read_cached(cache_dir / name, data, way) or _compress_and_cache(
            cache_dir / name, data, way
        )
        form = Output(f"{output.path}.{suffix}", content_digest(made), partial(bytes, made))
        yield name, form if len(made) < len(data) else None


def _read_cached(path: Path, data: bytes, encoder: _Encoder) -> bytes:
    """What is kept there, if it opens to `data`; else nothing."""
    try:
        kept = path.read_bytes()
        return kept if encoder.decompress(kept, len(data) + 1) == data else b""
    except (OSError, zlib.error):
        return b""


def _compress_and_cache(path: Path, data: bytes, encoder: _Encoder) -> bytes:
    """The form of `data`, made, and kept if it can be."""
    made = encoder.compress(data)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(made)
        Path(name).replace(path)  # whole or not at all, whoever else builds
    return made
