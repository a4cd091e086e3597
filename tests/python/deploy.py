"""Looks at the files of deploy/ with the tools of their makers.

Question: {"folder": "deploy", "hadolint": "path"}
Answer:   {"kubernetes": [kinds], "dockerfile": [findings], "collector": {pipeline: [exporters]}, "environment": {name: value}}
"""

import json
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import yaml

question = json.load(sys.stdin)
folder = Path(question["folder"])

kinds, environment = [], {}
for document in yaml.safe_load_all((folder / "kubernetes.yaml").read_text()):
    kubernetes_validate.validate(document, "1.31", strict=True)
    kinds.append(document["kind"])
    if document["kind"] == "StatefulSet":
        container = document["spec"]["template"]["spec"]["containers"][0]
        environment = {entry["name"]: entry.get("value") for entry in container["env"]}
        mounts = {mount["name"] for mount in container["volumeMounts"]}
        volumes = {volume["name"] for volume in document["spec"]["template"]["spec"]["volumes"]}
        claims = {claim["metadata"]["name"] for claim in document["spec"]["volumeClaimTemplates"]}
        assert mounts == volumes | claims, (mounts, volumes, claims)
        ports = {port["name"] for port in container["ports"]}
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert container[probe]["httpGet"]["port"] in ports

checked = subprocess.run(
    [question["hadolint"], "--format", "json", str(folder / "Dockerfile")], capture_output=True, text=True, check=False
)
collector = yaml.safe_load((folder / "collector.yaml").read_text())
pipelines = {}
for name, pipeline in collector["service"]["pipelines"].items():
    for part in ("receivers", "processors", "exporters"):
        for component in pipeline[part]:
            assert component in collector[part], f"{component} is used and not defined"
    pipelines[name] = pipeline["exporters"]
print(
    json.dumps(
        {
            "kubernetes": kinds,
            "dockerfile": json.loads(checked.stdout),
            "collector": pipelines,
            "endpoint": collector["exporters"]["otlp/whyspan"]["endpoint"],
            "environment": environment,
        }
    )
)
