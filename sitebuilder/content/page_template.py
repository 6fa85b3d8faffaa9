"""The text of a new page, and the sentences of it that have to be replaced."""

from __future__ import annotations

from typing import Final

DESCRIPTION: Final = "Say in one sentence what this page gives its reader."
_SENTENCES: Final = (
    "Say the main message in one or two short sentences.",
    "The first thing to take away.",
    "The second thing to take away.",
    "A heading that says what follows",
    "Write in short sentences. Put the plain word first and the medical word in brackets.",
)
PLACEHOLDER_SENTENCES: Final = (DESCRIPTION, *_SENTENCES)

PAGE_TEMPLATE: Final = f"""\
---
title: {{title}}
description: {DESCRIPTION}
# Take the next line out when the page is ready. Then also say who keeps the page, and since when:
#   owner: The name of a person or group
#   changes:
#     - on: 2026-11-22
#       what: First draft.
draft: true
---

{_SENTENCES[0]}

::: key-facts
- {_SENTENCES[1]}
- {_SENTENCES[2]}
:::

## {_SENTENCES[3]}

{_SENTENCES[4]}
"""
