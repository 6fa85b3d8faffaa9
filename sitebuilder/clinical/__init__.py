"""Clinical content and its checks: evidence, reviews, plain language, decision tools."""
