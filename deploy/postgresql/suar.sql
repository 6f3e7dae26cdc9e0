-- The role and the database of a gateway's store, made once by an administrator of the server:
--   psql -v ON_ERROR_STOP=1 -f suar.sql postgres
--   \password suar
-- What each line is for: docs/operators.md, "A database of PostgreSQL".

CREATE ROLE suar LOGIN;
GRANT pg_checkpoint, pg_monitor TO suar;
CREATE DATABASE suar OWNER suar TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
REVOKE ALL ON DATABASE suar FROM PUBLIC;
