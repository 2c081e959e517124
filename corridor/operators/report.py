"""How the doctor's findings are printed."""

import msgspec

from corridor.operators.checks import Finding


def told(found: dict[str, list[Finding]], *, as_json: bool) -> int:
    """Print the findings of the checks; the exit code: 0 when there is none, 1 otherwise."""
    count = sum(map(len, found.values()))
    if as_json:
        print(msgspec.json.format(msgspec.json.encode({"ok": not count, "checks": found})).decode())
        return bool(count)
    for check, findings in found.items():
        for finding in findings:
            print(f"{check}: {finding.says}\n    {finding.mend}")
    print(f"{len(found)} checks: " + (f"{count} things to mend." if count else "all is well."))
    return bool(count)
