"""Clinical reviews: who signed which text, until when, and what has changed since."""
