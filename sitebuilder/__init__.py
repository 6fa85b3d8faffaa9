"""A generator of websites that patients can trust. Start reading in `build/pipeline.py`."""
