# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL: pgbench, whose sums must agree afterwards, and COPY in both directions."""

import pathlib

from trial import HOST, Leg, expect

PORT = 5432
CLIENTS = 8
RECONNECTING = 10
LEGS = (Leg("postgresql", ((PORT, PORT),), least=CLIENTS + RECONNECTING),)
CLUSTER = "/var/lib/postgresql/15/main"
PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")
ROWS = 20000


def _sql(trial, statement, **options):
    return trial.run("psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-c", statement, **options).strip()


def _pgbench(trial, clients, transactions, *options):
    output = trial.run("pgbench", "-n", "-c", clients, "-t", transactions, *options)
    total = clients * transactions
    expect(f"number of transactions actually processed: {total}/{total}" in output, True, f"pgbench says {output}")
    expect("number of failed transactions: 0 (" in output, True, f"pgbench says {output}")
    return total


def check(trial):
    access = trial.file("pg_hba.conf", text=f"host all all {HOST}/32 trust\n")
    trial.serve([PROGRAMS / "postgres", "-D", CLUSTER, "-c", "config_file=/etc/postgresql/15/main/postgresql.conf",
                 "-c", f"hba_file={access}", "-c", f"listen_addresses={HOST}", "-c", f"port={PORT}",
                 "-c", "unix_socket_directories=", "-c", "ssl=off", "-c", "jit=off", "-c", "fsync=off",
                 "-c", "external_pid_file="], PORT, user="postgres")
    with trial.environment(PGHOST=HOST, PGPORT=str(PORT), PGUSER="postgres", PGDATABASE="postgres"):
        trial.run("pgbench", "-i", "-q", "-s", "1")
        total = _pgbench(trial, CLIENTS, 20 * trial.scale)
        total += _pgbench(trial, 1, RECONNECTING, "-C")
        expect(_sql(trial, "select count(*), sum(delta) = (select sum(abalance) from pgbench_accounts), "
                           "sum(delta) = (select sum(bbalance) from pgbench_branches) from pgbench_history"),
               f"{total}|t|t", "the sums of pgbench")
        rows = trial.file("rows", text="".join(f"{number}\t{number * number}\n" for number in range(ROWS)))
        _sql(trial, "create table copied (a int, b bigint)")
        with open(rows, "rb") as file:
            _sql(trial, "copy copied from stdin", stdin=file)
        expect(_sql(trial, "copy copied to stdout") + "\n" == rows.read_text(), True, "rows copied in and out")
