"""teig and other programs on the same market, in one run, judged by one ruler.

``python -m benchmarks.peers PATH --reps K --seed N --seconds S --out CSV``

The other programs are extras: ``pip install --group peers``. One that is not
installed, or that cannot do a task, has a row that says so.
"""
