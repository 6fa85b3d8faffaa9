"""The preview server: rebuild on save, live reload, errors shown in the browser."""
