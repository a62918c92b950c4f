-- What is known of each pupil whose recognition of a school year was decided, by which it can be
-- decided again under other rules: of the case that decided it last, or of the roster where there is
-- no case. Scores and findings come without whose they are.
create function recognition_facts(p_year integer, p_school uuid)
returns table (
  student_id uuid, school text, grade text, class_name text, name text, tier text, category text,
  rule_set text, rule_version integer, case_id uuid, claims text [], school_decided boolean,
  disqualifiers text [], proof_categories text [], proof_departments text [], proof_forms text [],
  scores integer [], factors_for text [], factors_against text []
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select s.id, h.name, s.grade, s.class_name, s.name, r.tier, r.category,
    coalesce(c.rule_set, r.rule_set), coalesce(c.rule_version, r.rule_version), c.id, c.claims,
    coalesce(c.reasons @> '[{"code": "school-decided"}]', false), c.disqualifiers, p.categories,
    p.departments, p.forms, a.scores, f.speak_for, f.speak_against
  from student s
  join school h on h.district_id = s.district_id and h.id = s.school_id
  left join lateral (
    select k.id, k.tier, k.category, k.rule_set, k.rule_version, k.case_id from recognition k
    where k.district_id = s.district_id and k.student_id = s.id and k.school_year = p_year
      and k.state = 'filed'
    order by k.valid_from desc
    limit 1
  ) as r on true
  left join lateral (
    select k.id, k.attempt, k.claims, k.reasons, k.disqualifiers, q.rule_set, q.rule_version
    from recognition_case k
    join recognition_round q on q.district_id = k.district_id and q.id = k.round_id
    where k.district_id = s.district_id and k.student_id = s.id and q.school_year = p_year
      and (k.id = r.case_id or (r.id is null and k.state in ('filed', 'rejected')))
    order by k.step_since desc, k.id desc
    limit 1
  ) as c on true
  left join lateral (
    select array_agg(k.category order by k.id) as categories,
      array_agg(k.department order by k.id) as departments,
      array_agg(k.form order by k.id) as forms
    from case_proof k
    where k.district_id = s.district_id and k.case_id = c.id and k.attempt = c.attempt
  ) as p on true
  left join lateral (
    select array_agg(k.score order by k.id) as scores
    from case_assessment k
    where k.district_id = s.district_id and k.case_id = c.id and k.attempt = c.attempt
      and k.score is not null
  ) as a on true
  left join lateral (
    select array_agg(u.code) filter (where k.shows_hardship) as speak_for,
      array_agg(u.code) filter (where not k.shows_hardship) as speak_against
    from case_assessment k
    cross join lateral unnest(k.factors) as u (code)
    where k.district_id = s.district_id and k.case_id = c.id and k.attempt = c.attempt
  ) as f on true
  where s.district_id = current_district()
    and (current_school() is null or s.school_id = current_school())
    and (p_school is null or s.school_id = p_school)
    and (r.id is not null or c.id is not null);
end;
