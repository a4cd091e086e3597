"""Reads the JUnit reports of a folder (*.xml) as others do: against the schema that Jenkins' xUnit plugin publishes, which
pytest's sources hold, and with junitparser. Prints by file what was counted, as JSON."""

import json
import sys
import tarfile
from pathlib import Path

import xmlschema
from junitparser import Error, Failure, JUnitXml, Skipped

folder, packages = Path(sys.argv[1]), Path(sys.argv[2])

archive = next(packages.glob("pytest-*.tar.gz"))
with tarfile.open(archive) as sources:
    name = next(name for name in sources.getnames() if name.endswith("/junit-10.xsd"))
    schema = xmlschema.XMLSchema(sources.extractfile(name).read().decode())

# A schema that takes everything would prove nothing.
assert schema.is_valid('<testsuites><testsuite name="a" tests="0" failures="0" errors="0"/></testsuites>')
assert not schema.is_valid('<testsuites><testsuite tests="0" failures="0" errors="0"/></testsuites>')

counts = {}
for file in sorted(folder.glob("*.xml")):
    schema.validate(str(file))
    report = JUnitXml.fromfile(str(file))
    suites, names = {}, []
    for suite in report:
        found = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
        for case in suite:
            names.append((case.classname, case.name))
            found["tests"] += 1
            for result in case.result:
                found["failures"] += isinstance(result, Failure)
                found["errors"] += isinstance(result, Error)
                found["skipped"] += isinstance(result, Skipped)
                # The text begins with the sentence.
                if not isinstance(result, Skipped):
                    assert result.text.startswith(result.message), (file.name, result.message)
        told = {key: getattr(suite, key) for key in found}
        assert told == found, (file.name, told, found)
        suites[suite.name] = found
    total = {key: sum(suite[key] for suite in suites.values()) for key in ("tests", "failures", "errors")}
    assert total == {key: getattr(report, key) for key in total}, (file.name, total)
    assert len(set(names)) == len(names), f"{file.name}: GitLab shows one of two cases of the same name"
    counts[file.stem] = suites
print(json.dumps(counts))
