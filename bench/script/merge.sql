ANALYZE staging;

MERGE INTO people p USING staging s ON p.employee_id = s.employee_id
WHEN MATCHED AND (p.first_name, p.last_name, p.email, p.management_level, p.job_title, p.business_unit, p.job_function,
    p.people_manager, p.manager_email, p.city, p.country, p.office, p.locale, p.status) IS DISTINCT FROM
    (s.first_name, s.last_name, s.email, s.management_level, s.job_title, s.business_unit, s.job_function,
    s.people_manager, s.manager_email, s.city, s.country, s.office, s.locale, s.status)
THEN UPDATE SET first_name = s.first_name, last_name = s.last_name, email = s.email, management_level = s.management_level,
    job_title = s.job_title, business_unit = s.business_unit, job_function = s.job_function,
    people_manager = s.people_manager, manager_email = s.manager_email, city = s.city, country = s.country,
    office = s.office, locale = s.locale, status = s.status, updated_at = now()
WHEN NOT MATCHED THEN INSERT (employee_id, first_name, last_name, email, management_level, job_title, business_unit,
    job_function, people_manager, manager_email, city, country, office, locale, status)
VALUES (s.employee_id, s.first_name, s.last_name, s.email, s.management_level, s.job_title, s.business_unit,
    s.job_function, s.people_manager, s.manager_email, s.city, s.country, s.office, s.locale, s.status);

DELETE FROM people p WHERE NOT EXISTS (SELECT FROM staging s WHERE s.employee_id = p.employee_id);

DELETE FROM memberships m WHERE NOT EXISTS (
    SELECT FROM staging s WHERE s.employee_id = m.employee_id AND m.group_name = ANY (string_to_array(s.groups, ';')));
INSERT INTO memberships (employee_id, group_name)
SELECT employee_id, unnest(string_to_array(groups, ';')) FROM staging WHERE groups <> ''
ON CONFLICT DO NOTHING;
