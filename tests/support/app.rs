//! A panel under test with its own database and clock. It runs as a router without
//! a socket or as a process.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use tempfile::TempDir;

use kafkasder_panel::model::email::Email;
use kafkasder_panel::server::audit::{Action, Event};
use kafkasder_panel::server::clock::Clock;
use kafkasder_panel::server::config::{Config, Sources};
use kafkasder_panel::server::cookie;
use kafkasder_panel::server::http::router::App;
use kafkasder_panel::server::links;
use kafkasder_panel::server::live;
use kafkasder_panel::server::sessions::cookie::SessionClaim;
use kafkasder_panel::server::sessions::pending;
use kafkasder_panel::server::state::AppState;
use kafkasder_panel::server::sweep;
use kafkasder_panel::server::users::{self, NewUser};
use kafkasder_panel::server::{administration, db::policy};

use super::browser::Browser;
use super::database::{Backend, Database};
use super::process::{self, Process};

/// The time at which every test begins: 15 January 2026, 08:00 UTC.
const START: i64 = 1_768_464_000_000;

/// The `SESSION_SECRET` of every panel in the suite.
pub const SECRET: &str = "the secret of the tests which is long enough";

/// The password of every test user, unless a test chooses another. It meets the rules.
pub const PASSWORD: &str = "sarı bisikletle Haliç kıyısı 7 kere";

/// A user with an account.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    pub email: String,
    pub password: String,
}

/// Where a panel's requests go: to a router in this process or to a process of its own.
#[derive(Clone)]
enum RunsAs {
    Router(App),
    Process(Arc<Process>),
}

/// A panel. Clones share the database, the clock and the state.
#[derive(Clone)]
pub struct TestApp {
    pub clock: Clock,
    pub database: Arc<Database>,
    pub state: AppState,
    runs_as: RunsAs,
    settings: BTreeMap<String, String>,
    site: Arc<TempDir>,
}

impl TestApp {
    /// Starts a panel on a new database; returns `None` when this backend is not available.
    pub async fn start(backend: Backend) -> Option<TestApp> {
        Some(TestApp::start_on(Database::migrated(backend).await?).await)
    }

    pub async fn start_on(database: Database) -> TestApp {
        let database = Arc::new(database);
        let site = Arc::new(site());
        let settings = BTreeMap::from([
            ("DATABASE_URL".to_owned(), database.url.clone()),
            ("SESSION_SECRET".to_owned(), SECRET.to_owned()),
            ("LEPTOS_SITE_ROOT".to_owned(), site.path().display().to_string()),
            ("LEPTOS_HASH_FILES".to_owned(), "false".to_owned()),
        ]);
        TestApp::open(database, Clock::fixed(START), settings, site).await
    }

    async fn open(
        database: Arc<Database>,
        clock: Clock,
        settings: BTreeMap<String, String>,
        site: Arc<TempDir>,
    ) -> TestApp {
        let config = Config::from(&Sources { env: &|name| settings.get(name).cloned(), file: toml::Table::new() })
            .expect("the settings are right");
        let state = AppState::open(config, clock.clone()).await.expect("the panel opens");
        let runs_as = RunsAs::Router(App::new(state.clone(), kafkasder_panel::FRONT));
        TestApp { clock, database, state, runs_as, settings, site }
    }

    /// Opens another server on the same database and clock, as a restart or a second server does.
    pub async fn restarted(&self) -> TestApp {
        self.restarted_with(&[]).await
    }

    /// As [`Self::restarted`], with these environment variables changed.
    pub async fn restarted_with(&self, settings: &[(&str, &str)]) -> TestApp {
        let changed = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let settings = self.settings.clone().into_iter().chain(changed).collect();
        TestApp::open(self.database.clone(), self.clock.clone(), settings, self.site.clone()).await
    }

    /// As [`Self::restarted`], with other secrets, newest first.
    pub async fn restarted_with_secrets(&self, secrets: &[&str]) -> TestApp {
        self.restarted_with(&[("SESSION_SECRET", &secrets.join(","))]).await
    }

    /// As [`Self::restarted`], behind an HTTPS proxy. Every browser of the suite comes through that proxy.
    pub async fn restarted_at(&self, public_url: &str) -> TestApp {
        self.restarted_with(&[("PUBLIC_URL", public_url), ("TRUSTED_PROXIES", super::browser::PROXY)]).await
    }

    /// Runs the panel as a process, which uses the machine's clock. A later start keeps the port.
    pub async fn as_process(&self) -> TestApp {
        let mut app = match self.settings.get("LEPTOS_SITE_ADDR") {
            Some(_) => self.clone(),
            None => {
                let address = process::free_address();
                let url = format!("http://{address}");
                self.restarted_with(&[("LEPTOS_SITE_ADDR", &address.to_string()), ("PUBLIC_URL", &url)]).await
            }
        };
        // The process must be the only one that holds the database file open.
        self.state.db.close().await;
        app.state.db.close().await;
        app.runs_as = RunsAs::Process(Arc::new(Process::start(&app.settings).await));
        app
    }

    /// The process that runs this panel. Panics when the panel is a router.
    pub fn process(&self) -> &Process {
        match &self.runs_as {
            RunsAs::Process(process) => process,
            RunsAs::Router(_) => panic!("this panel is no process"),
        }
    }

    /// Sends a request. Returns `None` when the process dies before it responds.
    pub async fn answer(&self, request: Request<Body>) -> Option<Response<Body>> {
        match &self.runs_as {
            RunsAs::Router(app) => {
                let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().expect("every browser has an address");
                let peer = peer.ip();
                Some(app.clone().answer(peer, request).await)
            }
            RunsAs::Process(process) => process.answer(request).await,
        }
    }

    pub fn origin(&self) -> String {
        self.state.config.public_url.clone()
    }

    pub fn host(&self) -> String {
        self.origin().split("//").nth(1).unwrap_or_default().to_owned()
    }

    pub fn https(&self) -> bool {
        self.state.config.https
    }

    /// Returns the time of the panel's clock, in Unix milliseconds.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Advances the panel's clock.
    pub fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// The environment variables that make the command line work on this panel's database.
    pub fn settings(&self) -> &BTreeMap<String, String> {
        &self.settings
    }

    // Users -------------------------------------------------------------------

    /// Returns a browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(self)
    }

    /// Adds `NAME@example.org` with the role `staff`.
    pub async fn person(&self, name: &str) -> Person {
        self.person_with(name, "staff", PASSWORD).await
    }

    pub async fn person_with(&self, name: &str, role: &str, password: &str) -> Person {
        let hash = self.hash_of(password).await;
        let id = self.add(name, role, Some(&hash)).await;
        Person { id, email: format!("{name}@example.org"), password: password.to_owned() }
    }

    /// The hash of a password, made once for all tests: thousands of people have the same one.
    async fn hash_of(&self, password: &str) -> String {
        static HASHES: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
        let known = || HASHES.lock().expect("no test panics here").get(password).cloned();
        if let Some(hash) = known() {
            return hash;
        }
        let hash = self.state.hasher.reserve().expect("a place").hash(password).await.expect("a hash");
        HASHES.lock().expect("no test panics here").insert(password.to_owned(), hash.clone());
        hash
    }

    async fn add(&self, name: &str, role: &str, password_hash: Option<&str>) -> String {
        let email = Email::parse(&format!("{name}@example.org")).expect("an email");
        let capital = name[..1].to_uppercase() + &name[1..];
        let new = NewUser { email: &email, name: &format!("{capital} Yilmaz"), role, password_hash };
        let mut tx = self.state.db.begin().await.expect("a transaction");
        let id =
            users::add_in(&mut tx, &new, Event::of_system(Action::UserCreated, self.now())).await.expect("a new user");
        tx.commit().await.expect("committed");
        id
    }

    /// Adds a user without a password; returns the token of the activation link.
    pub async fn invited(&self, name: &str) -> String {
        self.add(name, "staff", None).await;
        self.invited_again(name).await
    }

    /// Makes another activation link for an invited user; returns its token.
    pub async fn invited_again(&self, name: &str) -> String {
        let id = self.existing_person(name).await.id;
        let mut tx = self.state.db.begin().await.expect("a transaction");
        let link = links::create_in(&mut tx, links::Kind::Activation, Some(&id), &self.origin(), self.now())
            .await
            .expect("a link");
        tx.commit().await.expect("committed");
        token_of(&link)
    }

    /// Returns a user that was added before.
    pub async fn existing_person(&self, name: &str) -> Person {
        let email = format!("{name}@example.org");
        let user =
            users::by_email(&self.state.db, &Email::parse(&email).expect("an email")).await.expect("the user is there");
        Person { id: user.id, email, password: PASSWORD.to_owned() }
    }

    /// Makes a set-up link and returns its token; returns `None` when there is an administrator.
    pub async fn set_up_token(&self) -> Option<String> {
        let link =
            links::first_set_up(&self.state.db, &self.origin(), self.now()).await.expect("the database is there");
        link.map(|link| token_of(&link))
    }

    pub async fn signed_in(&self, person: &Person) -> Browser {
        let mut browser = self.browser();
        browser.sign_in(person).await;
        browser
    }

    pub async fn remembered(&self, person: &Person) -> Browser {
        let mut browser = self.browser();
        browser.sign_in_remembered(person).await;
        browser
    }

    pub async fn disable(&self, person: &Person) {
        self.set_active(person, false).await;
    }

    pub async fn enable(&self, person: &Person) {
        self.set_active(person, true).await;
    }

    async fn set_active(&self, person: &Person, active: bool) {
        let email = Email::parse(&person.email).expect("an email");
        let user = users::by_email(&self.state.db, &email).await.expect("the user is there");
        assert!(administration::users::set_active(&self.state.db, &user, active, self.now()).await.expect("allowed"));
    }

    // Administration, time and background work ----------------------------------

    pub async fn set_policy(&self, key: &str, value: &str) {
        let old = policy::read(&self.state.db).await.expect("a policy");
        let new = old.policy.with(key, value).expect("a valid value");
        administration::policy::save(&self.state.db, &old, &new, self.now()).await.expect("saved");
    }

    /// Lifts a lockout as an administrator does.
    pub async fn lift_lockout(&self, name: &str) {
        let name = administration::lockouts::Name::parse(name).expect("an email or an address");
        administration::lockouts::lift(&self.state.db, &name, self.now()).await.expect("lifted");
    }

    /// Runs the background sweep once.
    pub async fn sweep(&self) {
        sweep::sweep(&self.state).await.expect("swept");
    }

    /// Makes this server's event streams receive notices, as a listening server does.
    pub async fn listen_for_notices(&self) {
        let panel = &self.state;
        let (db, hub, clock) = (panel.db.clone(), panel.live.clone(), panel.clock.clone());
        live::spawn(db, hub, clock, panel.shutdown.clone()).await.expect("it listens");
    }

    /// Writes the sign-outs that were kept during an outage, as the background task does.
    pub async fn write_pending(&self) {
        pending::write_pending(&self.state).await.expect("written");
    }

    /// Counts the audit events with this action.
    pub async fn audited(&self, action: &str) -> i64 {
        self.database.number(&format!("SELECT count(*) FROM audit WHERE action = '{action}'")).await
    }

    // Sealed session cookies ----------------------------------------------------

    /// Decrypts a session cookie's value.
    pub fn open_session(&self, value: &str) -> SessionClaim {
        let keys = self.state.keys.all().iter().map(|keys| &keys.session);
        cookie::open(self.state.cookies.session, keys, value).expect("it opens").0
    }

    /// Encrypts a claim into a session cookie's value, which needs the panel's keys.
    pub fn seal_session(&self, claim: &SessionClaim) -> String {
        cookie::seal(self.state.cookies.session, &self.state.keys.newest().session, claim).expect("it is JSON")
    }
}

fn token_of(link: &str) -> String {
    link.split_once("token=").expect("a link has a token").1.to_owned()
}

/// Makes a small built site with the files that tests request by name.
fn site() -> TempDir {
    let site = TempDir::new().expect("a temporary folder");
    let pkg = site.path().join("pkg");
    std::fs::create_dir(&pkg).expect("a folder");
    for (file, content) in
        [("kafkasder-panel.js", "export default 1;"), ("kafkasder-panel.wasm", "\0asm"), ("kafkasder-panel.css", "a{}")]
    {
        std::fs::write(pkg.join(file), content).expect("a file");
    }
    std::fs::write(site.path().join("favicon.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>").expect("a file");
    std::fs::write(site.path().join("robots.txt"), "User-agent: *\nDisallow: /\n").expect("a file");
    site
}
