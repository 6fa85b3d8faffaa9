"""Resolve references to link definitions as CommonMark does (section 6.3).

Python-Markdown knows no labels with code, such as [`lamina`], and takes `[a] [b]` for one link.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any, Final

from markdown import Extension, Markdown
from markdown.inlinepatterns import (
    IMAGE_REFERENCE_RE,
    REFERENCE_RE,
    ImageReferenceInlineProcessor,
    ReferenceInlineProcessor,
    ShortImageReferenceInlineProcessor,
    ShortReferenceInlineProcessor,
)
from markdown.util import STX

_LABEL: Final = re.compile(r"\[([^\]]*)\]")


class _LabelsWithCode(ReferenceInlineProcessor):
    RE_LINK = _LABEL

    def evalId(self, data: str, index: int, text: str) -> tuple[Any, int, bool]:  # noqa: N802
        """Return the label of a definition, the end of the reference, and whether it is one."""
        label, end, is_handled = super().evalId(data, index, text)
        if label and STX in label:  # code, which was taken out of the text before
            plain = " ".join(unescape(self.unescape(label)).lower().split())
            known = self.md.references
            label = next((name for name in known if name.replace("`", "") == plain), label)
        return label, end, is_handled


class _Reference(_LabelsWithCode, ReferenceInlineProcessor):
    pass


class _ImageReference(_LabelsWithCode, ImageReferenceInlineProcessor):
    pass


class _ShortReference(_LabelsWithCode, ShortReferenceInlineProcessor):
    pass


class _ShortImageReference(_LabelsWithCode, ShortImageReferenceInlineProcessor):
    pass


class ReferenceExtension(Extension):
    """Replaces the four patterns of references, at their own priorities."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Markdown's own name
        for processor, pattern, name, priority in (
            (_Reference, REFERENCE_RE, "reference", 170),
            (_ImageReference, IMAGE_REFERENCE_RE, "image_reference", 140),
            (_ShortReference, REFERENCE_RE, "short_reference", 130),
            (_ShortImageReference, IMAGE_REFERENCE_RE, "short_image_ref", 125),
        ):
            md.inlinePatterns.register(processor(pattern, md), name, priority)
