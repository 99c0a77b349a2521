"""What a policy did: pairs of runs with the same luck, and everything that follows from their difference.

`pairing` says which scenarios can be compared, `paired_worlds` advances them together, `differences` and `observer` see
where they part and whom that reaches, `comparison` does it for many seeds, `effect` holds the result; `effect_tables`,
`costs`, `additionality`, `certificate` and `shapley_split` are what it answers. `branching` and `divergence` use the
same parts.
"""
