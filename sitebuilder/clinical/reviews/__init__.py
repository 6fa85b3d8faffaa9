"""Who signed which text, until when it holds, and what has changed since."""
