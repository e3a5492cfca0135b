"""What flufl.bounce says of messages.

    flufl_verdicts.py FOLDER

Prints one line for each file of the folder: its name, the addresses that failed for good, and those
that are still tried, separated by tabs; addresses separated by commas. An exception of the library is
told on standard error and counts as nothing found.
"""

import email
import pathlib
import sys

from flufl.bounce import all_failures


def words(addresses):
    texts = {one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in addresses}
    return ",".join(sorted(text.replace("\t", " ").replace(",", " ") for text in texts))


for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    try:
        temporary, permanent = all_failures(email.message_from_bytes(path.read_bytes()))
    except Exception as raised:
        print(f"{path.name}: {type(raised).__name__}: {raised}", file=sys.stderr)
        temporary, permanent = (), ()
    print(path.name, words(permanent), words(temporary), sep="\t")
