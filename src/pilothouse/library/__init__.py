"""Charts and releases for Python programs: the same actions that the commands use, with types.

::

    from pilothouse import Chart, Releases

    chart = Chart.load("./shop")
    for manifest in chart.render({"replicaCount": 3}, release="demo").manifests:
        print(manifest.kind, manifest.name)
    with Releases.sandbox() as releases:
        releases.upgrade("demo", chart, values={"replicaCount": 3}, install=True, wait=True)
"""
