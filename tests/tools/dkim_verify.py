"""Verifies every DKIM signature of messages with dkimpy and a made-up zone.

    dkim_verify.py ZONE.json MESSAGE...

ZONE.json maps names to TXT texts. Prints one JSON object a message: each signature with its tags
and whether it verifies with a key of at least 2048 bits (RSA), and how often each field occurs.
"""

import collections
import json
import sys

import dkim

zone = json.load(open(sys.argv[1]))


def txt(name, timeout=5):
    return zone.get(name.decode().rstrip(".")).encode()


def judge(verifier, index, value):
    tags = dict(tag.split("=", 1) for tag in value.split(";") if "=" in tag)
    tags = {name.strip(): "".join(text.split()) for name, text in tags.items()}
    try:
        error = None if verifier.verify(idx=index, dnsfunc=txt) else "the signature is wrong"
    except (dkim.DKIMException, AttributeError) as raised:
        error = f"{type(raised).__name__}: {raised}"
    return {"tags": tags, "valid": error is None, "error": error}


for path in sys.argv[2:]:
    message = open(path, "rb").read()
    verifier = dkim.DKIM(message, minkey=2048)
    names = [name.decode().lower() for name, _ in verifier.headers]
    values = [value.decode() for name, value in verifier.headers if name.lower() == b"dkim-signature"]
    signatures = [judge(verifier, index, value) for index, value in enumerate(values)]
    print(json.dumps({"signatures": signatures, "fields": collections.Counter(names)}))
