mod embedded_postgres;
