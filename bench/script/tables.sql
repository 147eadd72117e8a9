CREATE TABLE people (
    employee_id      text PRIMARY KEY,
    first_name       text NOT NULL,
    last_name        text NOT NULL,
    email            text NOT NULL,
    management_level text NOT NULL,
    job_title        text,
    business_unit    text,
    job_function     text,
    people_manager   text,
    manager_email    text,
    city             text,
    country          text,
    office           text,
    locale           text,
    status           text,
    updated_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX people_email ON people (email);
CREATE TABLE memberships (
    employee_id text NOT NULL REFERENCES people ON DELETE CASCADE,
    group_name  text NOT NULL,
    PRIMARY KEY (employee_id, group_name)
);
CREATE UNLOGGED TABLE staging (
    employee_id text, first_name text, last_name text, email text, management_level text, job_title text,
    business_unit text, job_function text, people_manager text, manager_email text, city text, country text,
    office text, locale text, status text, groups text
);
