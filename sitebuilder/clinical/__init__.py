"""What the site says about health: evidence, reviews, plain language, decision tools."""
