"""Who gets which units.

The way of a problem: :mod:`.solve` looks at its owners. Those without a base get one
(:mod:`.centres`), those that are all alike get parts of the market (:mod:`.partition`), and
the rest, or what :mod:`.centres` asks for again and again, goes through the objective stage
by stage (:mod:`.stages`). Each stage is posted into a compiled model (:mod:`.posting`,
:mod:`.model`), which is flattened for compiled code (:mod:`.tables`) and then bounded by
prices (:mod:`.prices`), searched (:mod:`.search`), proven by whole territories
(:mod:`.columns`) and solved by CP-SAT (:mod:`.exact`), as its size allows. Every plan is
measured again from the problem itself (:mod:`.verification`).
"""
