"""What is in each database: business tables with today's rows, and what the DBA left for us.

No name and no number of a patient: rows carry test ids. `ops.pg_stat_activity` and `ops.pg_locks`
are the catalogue's own views with one addition: sessions that `ops.scene` lists look as if they
had been waiting for longer, since nobody wants to wait seven minutes for a fault of seven
minutes. The monitoring role has them first in its search path, so ordinary queries see them.
"""

from psycopg import AsyncConnection, sql

MONITOR, WORKER = "jingwei_monitor", "jingwei_his"
CONNECTION_LIMIT = 60

TABLES = """
CREATE SCHEMA biz;
CREATE SCHEMA ops;
CREATE TABLE biz.institution (code text PRIMARY KEY, name text NOT NULL);
INSERT INTO biz.institution
  SELECT 'TEST-' || lpad(n::text, 2, '0'), '示例机构' || n FROM generate_series(1, 24) AS n;
CREATE TABLE biz.daily_upload (
  business_date date NOT NULL,
  institution text NOT NULL REFERENCES biz.institution,
  topic text NOT NULL,
  row_count integer NOT NULL,
  uploaded_at timestamptz NOT NULL,
  PRIMARY KEY (business_date, institution, topic)
);
CREATE TABLE biz.visit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  test_id text NOT NULL,
  institution text NOT NULL REFERENCES biz.institution,
  visited_at timestamptz NOT NULL
);
CREATE INDEX visit_visited_at ON biz.visit (visited_at);
CREATE TABLE biz.settlement (id integer PRIMARY KEY, state text NOT NULL);
INSERT INTO biz.settlement SELECT n, 'open' FROM generate_series(1, 10) AS n;
CREATE TABLE ops.tablespace_quota (name text PRIMARY KEY, quota_bytes bigint NOT NULL);
CREATE TABLE ops.scene (pid integer PRIMARY KEY, age interval NOT NULL);
"""

FILL = """
CREATE FUNCTION biz.fill(today date) RETURNS void LANGUAGE sql AS $$
  INSERT INTO biz.daily_upload
    SELECT today - back, code, topic, 40 + hashtext(code || topic || (today - back)) & 255,
           (today - back) + time '02:10'
    FROM biz.institution, generate_series(0, 13) AS back,
         unnest(ARRAY['门诊', '住院', '处方', '检验', '检查', '收费']) AS topic
    ON CONFLICT DO NOTHING;
  INSERT INTO biz.visit (test_id, institution, visited_at)
    SELECT 'TEST-' || lpad(n::text, 6, '0'), 'TEST-' || lpad((n % 24 + 1)::text, 2, '0'),
           today + time '07:30' + n * interval '5 seconds'
    FROM generate_series(1, 3000) AS n
    WHERE NOT EXISTS (SELECT FROM biz.visit WHERE visited_at >= today);
$$;
SELECT biz.fill(current_date);
"""

VIEWS = """
CREATE VIEW ops.tablespace_usage AS
  SELECT name, used_bytes, quota_bytes, round(100.0 * used_bytes / quota_bytes, 1) AS used_percent
  FROM (SELECT name, pg_tablespace_size(name) AS used_bytes, quota_bytes
        FROM ops.tablespace_quota) AS usage;
CREATE VIEW ops.pg_stat_activity AS
  SELECT a.datid, a.datname, a.pid, a.leader_pid, a.usesysid, a.usename, a.application_name,
         a.client_addr, a.client_hostname, a.client_port, a.backend_start - s.age AS backend_start,
         a.xact_start - s.age AS xact_start, a.query_start - s.age AS query_start,
         a.state_change - s.age AS state_change, a.wait_event_type, a.wait_event, a.state,
         a.backend_xid, a.backend_xmin, a.query_id, a.query, a.backend_type
  FROM pg_catalog.pg_stat_activity AS a
  CROSS JOIN LATERAL (
    SELECT coalesce((SELECT age FROM ops.scene WHERE pid = a.pid), interval '0') AS age
  ) AS s;
CREATE VIEW ops.pg_locks AS
  SELECT l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid, l.transactionid,
         l.classid, l.objid, l.objsubid, l.virtualtransaction, l.pid, l.mode, l.granted,
         l.fastpath, l.waitstart - s.age AS waitstart
  FROM pg_catalog.pg_locks AS l
  CROSS JOIN LATERAL (
    SELECT coalesce((SELECT age FROM ops.scene WHERE pid = l.pid), interval '0') AS age
  ) AS s;
"""

GRANTS = """
GRANT USAGE ON SCHEMA biz, ops TO {monitor}, {worker};
GRANT SELECT ON ALL TABLES IN SCHEMA biz, ops TO {monitor};
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA biz TO {worker};
"""


async def create_roles(admin: AsyncConnection, password: str) -> None:
    """The read-only monitoring role and the role of the business systems."""
    statements = [
        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE pg_monitor").format(
            sql.Identifier(MONITOR), sql.Literal(password)
        ),
        sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(
            sql.Identifier(MONITOR)
        ),
        sql.SQL("ALTER ROLE {} SET search_path = ops, pg_catalog, public").format(
            sql.Identifier(MONITOR)
        ),
        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
            sql.Identifier(WORKER), sql.Literal(password)
        ),
    ]
    for statement in statements:
        await admin.execute(statement)


async def create_tables(database: AsyncConnection) -> None:
    """Everything inside one database."""
    names = {"monitor": sql.Identifier(MONITOR), "worker": sql.Identifier(WORKER)}
    async with database.transaction():
        for script in (TABLES, FILL, VIEWS):
            await database.execute(sql.SQL(script))
        await database.execute(sql.SQL(GRANTS).format(**names))


async def move_to_tablespaces(database: AsyncConnection, data: str, index: str) -> None:
    """Put the tables into one tablespace and the indexes into another."""
    for table in ("daily_upload", "visit"):
        await database.execute(
            sql.SQL("ALTER TABLE {} SET TABLESPACE {}").format(
                sql.Identifier("biz", table), sql.Identifier(data)
            )
        )
    for name in ("daily_upload_pkey", "visit_pkey", "visit_visited_at"):
        await database.execute(
            sql.SQL("ALTER INDEX {} SET TABLESPACE {}").format(
                sql.Identifier("biz", name), sql.Identifier(index)
            )
        )
