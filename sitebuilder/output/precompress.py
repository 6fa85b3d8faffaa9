"""Precompress text files with brotli and gzip. Only this module imports brotli.

A host that finds `index.html.br` beside `index.html` sends it without compressing anything itself.
At the highest level, compressing takes a tenth of a second a page, so results are cached in a
folder, under the digest of the original. The cache is not trusted: an entry is used only if it
decompresses to the original. So a corrupt cache costs time and nothing else.
"""

from __future__ import annotations

import importlib.util
import os
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from sitebuilder.core.atomic_write import atomic_write
from sitebuilder.core.config import CONFIG_PATH, Config
from sitebuilder.core.digest import content_digest
from sitebuilder.core.model import Output
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.regular_file import read_regular_file
from sitebuilder.output.headers import TEXT_EXTENSIONS

CACHE_DIR: Final = ".cache/compressed"
"""The cache, below the root of the project."""

_CACHE_FILE_PATTERN: Final = r"[0-9a-f]{32}\.[0-9a-z.+-]+\.(br|gz)(\.|$)"
"""Regular expression for the names of the files in it, including temporary ones."""


def check_encoder(config: Config) -> list[Problem]:
    """Check that brotli is installed if the config asks for compression."""
    if not config.compress or importlib.util.find_spec("brotli"):
        return []
    message = "'compress: true' needs the package brotli, which is not installed"
    hint = "Run 'pip install brotli', or write 'compress: false'."
    line = config.lines.get("compress", 0)
    return [problem("compress", CONFIG_PATH, message, hint=hint, line=line)]


def precompress_outputs(outputs: Sequence[Output], cache_dir: Path) -> list[Output]:
    """Return the outputs, and after them the `.br` and `.gz` variants that are smaller.

    Args:
        outputs: The files to publish.
        cache_dir: Folder of the cache, from which unused entries are deleted. If it cannot be
            written, nothing is cached.

    Raises:
        OSError: The source of an output cannot be read.
        ImportError: brotli is not installed. `check_encoder` reports that.
    """
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - for these sites alone

    texts = [output for output in outputs if output.path.rpartition(".")[2] in TEXT_EXTENSIONS]
    encoders = {"br": _brotli_encoder(), "gz": _gzip_encoder()}
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # both libraries release the GIL
        variants = list(
            pool.map(lambda output: list(_compressed_variants(output, cache_dir, encoders)), texts)
        )
    used = {name for found in variants for name, _ in found}
    with suppress(OSError):
        for path in cache_dir.iterdir():
            if path.name not in used and re.match(_CACHE_FILE_PATTERN, path.name):
                path.unlink()
    return [*outputs, *(variant for found in variants for _, variant in found if variant)]


class _Encoder(msgspec.Struct, frozen=True):
    """A compression library.

    Attributes:
        version: Version of the library, a part of the cache key.
        compress: Compresses data.
        decompress: Decompresses data, up to a number of bytes. Data that is damaged, or longer,
            gives empty bytes or raises `zlib.error`.
    """

    version: str
    compress: Callable[[bytes], bytes]
    decompress: Callable[[bytes, int], bytes]


def _gzip_encoder() -> _Encoder:
    def compress(data: bytes) -> bytes:  # the header has neither time nor name: reproducible
        compressor = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        return compressor.compress(data) + compressor.flush()

    def decompress(data: bytes, max_length: int) -> bytes:
        decompressor = zlib.decompressobj(16 + zlib.MAX_WBITS)
        original = decompressor.decompress(data, max_length)
        return original if decompressor.eof and not decompressor.unused_data else b""

    return _Encoder(zlib.ZLIB_RUNTIME_VERSION, compress, decompress)


def _brotli_encoder() -> _Encoder:
    import brotli  # noqa: PLC0415 - only sites that ask for it need it

    def decompress(data: bytes, max_length: int) -> bytes:
        try:
            decompressor = brotli.Decompressor()
            original: bytes = decompressor.process(data, output_buffer_limit=max_length)
        except brotli.error:
            return b""
        return original if decompressor.is_finished() else b""

    return _Encoder(brotli.__version__, brotli.compress, decompress)


def _compressed_variants(
    output: Output, cache_dir: Path, encoders: Mapping[str, _Encoder]
) -> Iterator[tuple[str, Output | None]]:
    """Yield the cache key of each variant, and the variant, or None if it is not smaller."""
    data = output.load()
    for suffix, encoder in encoders.items():
        name = f"{output.digest}.{encoder.version}.{suffix}"
        compressed = _read_cached(cache_dir / name, data, encoder) or _compress_and_cache(
            cache_dir / name, data, encoder
        )
        load = partial(bytes, compressed)
        variant = Output(f"{output.path}.{suffix}", content_digest(compressed), load)
        yield name, variant if len(compressed) < len(data) else None


def _read_cached(path: Path, data: bytes, encoder: _Encoder) -> bytes:
    """Return the cached bytes if they decompress to `data`, else empty bytes."""
    compressed = read_regular_file(path)
    if compressed is None:
        return b""
    try:
        return compressed if encoder.decompress(compressed, len(data) + 1) == data else b""
    except zlib.error:
        return b""


def _compress_and_cache(path: Path, data: bytes, encoder: _Encoder) -> bytes:
    """Return `data` compressed, and cache the result if the folder can be written."""
    compressed = encoder.compress(data)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, compressed)  # other builds may use the same cache
    return compressed
