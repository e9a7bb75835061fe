"""An ASGI kit: headers, limits, errors as answers; knows no report, no case and no SQL."""
