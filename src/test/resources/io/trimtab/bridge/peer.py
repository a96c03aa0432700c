"""Does in Python what a Java test says, one line of JSON each way; see PythonPeer."""

import json
import sys

names = {}
exec("from trimtab import *; import trimtab, json, math", names)  # what the tests use

for line in sys.stdin:
    request = json.loads(line)
    try:
        code = compile(request["code"], "<test>", request["mode"])
        answer = {"value": eval(code, names)}
        text = json.dumps(answer)
    except Exception as e:
        text = json.dumps({"raised": type(e).__name__, "message": str(e).encode("utf-8", "backslashreplace").decode()})
    print(text, flush=True)
