//! Gives the seeded users names, roles, labels, a search index and records, as a large association
//! has them.

use kafkasder_panel::server::users::search::fold;
use sqlx::{Connection, PgConnection};

use super::{Outcome, USERS, email, seed};

const FIRST: [&str; 16] = [
    "Ayşe", "Mehmet", "Işıl", "Fatma", "Çağrı", "Zeynep", "Ömer", "Gül", "İbrahim", "Şule", "Hüseyin", "Elif", "Ümit",
    "Nazlı", "Uğur", "Sıla",
];
const LAST: [&str; 12] =
    ["Yılmaz", "Kaya", "Demir", "Çelik", "Şahin", "Öztürk", "Aydın", "Arslan", "Doğan", "Kılıç", "Aslan", "Çetin"];

/// How many records there are.
const RECORDS: usize = 500_000;

/// The most rows that PostgreSQL gets at once.
const CHUNK: usize = 20_000;

/// How many accounts are locked, how many emails that nobody has were tried, how many addresses are full, and
/// after how many attempts.
const LOCKED: usize = 1_000;
const GUESSED: usize = 20_000;
const FULL: usize = 200;
const ATTEMPTS: usize = 100;

const DAY: i64 = 86_400_000;

/// What a seeded user gets.
struct Person {
    id: String,
    name: String,
    role: &'static str,
    labels: &'static str,
    /// Nobody invited was ever active.
    invited: bool,
    active_at: Option<i64>,
    created_at: i64,
    hay: String,
}

impl Person {
    fn of(number: usize, now: i64) -> Person {
        let id = seed::user(number * seed::EACH);
        let name = format!("{} {}", FIRST[number % FIRST.len()], LAST[number / FIRST.len() % LAST.len()]);
        let invited = number.is_multiple_of(97);
        let age = i64::try_from(number * 7919 % 400).unwrap_or_default();
        // One of ten is labelled: 10,000 of 100,000.
        let labels = if number % 10 == 3 { r#"["Ankara"]"# } else { "[]" };
        let hay = fold(&format!("{name} {id}@example.org {labels} {id}"));
        let role = ["staff", "viewer", "member", "staff"][number % 4];
        let active_at = (!invited && !number.is_multiple_of(5)).then(|| now - age * DAY);
        Person { id, name, role, labels, invited, active_at, created_at: now - (400 + age) * DAY, hay }
    }
}

/// The column values of a record: id, time, action, result, actor, target, address.
fn record(number: usize, people: usize, now: i64) -> (String, i64, &'static str, &'static str, String, String, String) {
    let actions =
        ["sign_in", "session_ended", "user_changed", "profile_changed", "sign_in_failed", "sign_out", "confirmed"];
    let person = |number: usize| seed::user(number % people * seed::EACH);
    let at = now - i64::try_from(number).unwrap_or_default() * 15_000;
    let result = if number % 7 == 4 { "failure" } else { "success" };
    let address = format!("198.51.100.{}", number % 250);
    (format!("bench-{number:09}"), at, actions[number % 7], result, person(number * 31), person(number * 17), address)
}

/// Fills the database, in which the users of the sessions are already.
pub fn fill(database: &str, people: usize) -> Outcome<()> {
    let now = chrono::Utc::now().timestamp_millis();
    match database.strip_prefix("sqlite:") {
        Some(file) => sqlite(file, people, now),
        None => seed::block_on(postgres(database, people, now)),
    }
}

/// Locked accounts, addresses that are full, and failures that lock nobody, as after a night of guessing. Both
/// databases have the same words for it.
fn lockouts(people: usize, now: i64) -> String {
    let locked: Vec<String> = (0..LOCKED)
        .map(|number| format!("('user:{}', {})", seed::user(number * (people / LOCKED) * seed::EACH), now + DAY))
        .collect();
    let numbers =
        |count: usize| format!("WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count})");
    format!(
        "INSERT INTO buckets (name, locked_until) VALUES {};
         INSERT INTO buckets (name) {guessed} SELECT 'email:guess' || n || '@example.org' FROM n;
         INSERT INTO attempts (bucket, id, at) {guessed} SELECT 'email:guess' || n || '@example.org', 'guess' || n, {now} FROM n;
         INSERT INTO buckets (name) {} SELECT 'address:203.0.113.' || n FROM n;
         INSERT INTO attempts (bucket, id, at) {} SELECT 'address:203.0.113.' || (n % {FULL} + 1), 'full' || n, {now} FROM n",
        locked.join(", "),
        numbers(FULL),
        numbers(FULL * ATTEMPTS),
        guessed = numbers(GUESSED),
    )
}

/// The account that the contenders sign in with becomes an administrator's.
fn promote() -> String {
    format!("UPDATE users SET role = 'admin' WHERE email = '{}'", email(USERS))
}

fn sqlite(file: &str, people: usize, now: i64) -> Outcome<()> {
    let mut connection = rusqlite::Connection::open(file)?;
    connection.execute_batch("PRAGMA synchronous = OFF")?;
    let tx = connection.transaction()?;
    {
        let mut update = tx.prepare(
            "UPDATE users SET name = ?2, role = ?3, labels = ?4, password_hash = ?5, last_active_at = ?6, created_at = ?7 WHERE id = ?1",
        )?;
        let mut index =
            tx.prepare("INSERT INTO user_search (name_key, user_id, hay, folded) VALUES (?1, ?2, ?3, 1)")?;
        for number in 0..people {
            let person = Person::of(number, now);
            let hash = (!person.invited).then_some("x");
            update.execute(rusqlite::params![
                person.id,
                person.name,
                person.role,
                person.labels,
                hash,
                person.active_at,
                person.created_at
            ])?;
            index.execute(rusqlite::params![fold(&person.name), person.id, person.hay])?;
        }
        let mut audit = tx.prepare(
            "INSERT INTO audit (id, at, action, result, actor, target, address, user_agent, request_id, details)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '', '', '{}')",
        )?;
        for number in 0..RECORDS {
            let (id, at, action, result, actor, target, address) = record(number, people, now);
            audit.execute(rusqlite::params![id, at, action, result, actor, target, address])?;
        }
    }
    tx.execute_batch(&lockouts(people, now))?;
    tx.execute_batch(&promote())?;
    tx.commit()?;
    Ok(connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); ANALYZE")?)
}

async fn postgres(url: &str, people: usize, now: i64) -> Outcome<()> {
    let mut connection = PgConnection::connect(url).await?;
    for first in (0..people).step_by(CHUNK) {
        let people: Vec<Person> = (first..people.min(first + CHUNK)).map(|number| Person::of(number, now)).collect();
        let column = |of: &dyn Fn(&Person) -> String| people.iter().map(of).collect::<Vec<String>>();
        sqlx::query(
            "UPDATE users u SET name = p.name, role = p.role, labels = p.labels, password_hash = p.hash,
                 last_active_at = p.active_at, created_at = p.created_at
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
                 AS p (id, name, role, labels, hash, active_at, created_at) WHERE u.id = p.id",
        )
        .bind(column(&|person| person.id.clone()))
        .bind(column(&|person| person.name.clone()))
        .bind(column(&|person| person.role.to_owned()))
        .bind(column(&|person| person.labels.to_owned()))
        .bind(people.iter().map(|person| (!person.invited).then(|| "x".to_owned())).collect::<Vec<_>>())
        .bind(people.iter().map(|person| person.active_at).collect::<Vec<_>>())
        .bind(people.iter().map(|person| person.created_at).collect::<Vec<_>>())
        .execute(&mut connection)
        .await?;
        sqlx::query(
            "INSERT INTO user_search (name_key, user_id, hay, folded)
             SELECT k, id, hay, 1 FROM unnest($1::text[], $2::text[], $3::text[]) AS s (k, id, hay)",
        )
        .bind(column(&|person| fold(&person.name)))
        .bind(column(&|person| person.id.clone()))
        .bind(column(&|person| person.hay.clone()))
        .execute(&mut connection)
        .await?;
    }
    for first in (0..RECORDS).step_by(CHUNK) {
        let records: Vec<_> = (first..RECORDS.min(first + CHUNK)).map(|number| record(number, people, now)).collect();
        sqlx::query(
            "INSERT INTO audit (id, at, action, result, actor, target, address, user_agent, request_id, details)
             SELECT id, at, action, result, actor, target, address, '', '', '{}'
             FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
                 AS r (id, at, action, result, actor, target, address)",
        )
        .bind(records.iter().map(|record| record.0.clone()).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.1).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.2).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.3).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.4.clone()).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.5.clone()).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.6.clone()).collect::<Vec<_>>())
        .execute(&mut connection)
        .await?;
    }
    sqlx::raw_sql(sqlx::AssertSqlSafe(lockouts(people, now))).execute(&mut connection).await?;
    sqlx::query(sqlx::AssertSqlSafe(promote())).execute(&mut connection).await?;
    sqlx::query("VACUUM ANALYZE").execute(&mut connection).await?;
    Ok(connection.close().await?)
}
