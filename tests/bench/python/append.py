"""Appends rules to a chain and commits: MODULE TABLE CHAIN RULES. Prints how long that took."""

import sys
import time

module, table_name, chain_name, count = sys.argv[1:]
addresses = [f"192.168.{index >> 8 & 255}.{index & 255}/32" for index in range(int(count))]

if module == "libfw":
    import libfw

    rules = [f"-s {address} -j ACCEPT" for address in addresses]
    start = time.perf_counter_ns()
    with libfw.Table(table_name) as table:
        chain = table[chain_name]
        for rule in rules:
            chain.append(rule)
    end = time.perf_counter_ns()
else:
    import iptc

    start = time.perf_counter_ns()
    table = iptc.Table(table_name)
    table.autocommit = False
    chain = iptc.Chain(table, chain_name)
    for address in addresses:
        rule = iptc.Rule()
        rule.src = address
        rule.target = iptc.Target(rule, "ACCEPT")
        chain.append_rule(rule)
    table.commit()
    end = time.perf_counter_ns()

print("took", end - start)
