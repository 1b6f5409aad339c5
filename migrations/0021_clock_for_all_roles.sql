-- One role may migrate and another serve, in a database whose functions are not everybody's: whoever may call the function that
-- each commit calls may call the two of migration 0020, on which columns' defaults and every statement of the store rest.
DO $$
DECLARE
    held record;
BEGIN
    FOR held IN
        SELECT DISTINCT acl.grantee
        FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl
        WHERE p.oid = 'counterfoil_enter()'::regprocedure AND acl.grantee <> p.proowner AND acl.privilege_type = 'EXECUTE'
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION counterfoil_now(), counterfoil_asked_at() TO %s',
            CASE WHEN held.grantee = 0 THEN 'PUBLIC' ELSE held.grantee::regrole::text END);
    END LOOP;
END $$;
