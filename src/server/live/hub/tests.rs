use super::*;
use tokio::sync::mpsc::error::TryRecvError;

#[test]
fn a_slow_stream_is_dropped_and_others_still_get_signals() {
    let hub = Hub::with_slots(10);
    let (_slow_slot, mut slow) = hub.open("ayse", "sid_1", 0, Rights::default()).expect("a slot");
    for _ in 0..QUEUE_LENGTH {
        hub.signal_user("ayse", None, &Signal::UserChanged);
    }
    let (_slot, mut quick) = hub.open("ayse", "sid_1", 0, Rights::default()).expect("a slot");
    hub.signal_user("ayse", None, &Signal::UserChanged);
    assert!(matches!(quick.try_recv(), Ok(Signal::UserChanged)));
    for _ in 0..QUEUE_LENGTH {
        assert!(slow.try_recv().is_ok());
    }
    assert!(matches!(slow.try_recv(), Err(TryRecvError::Disconnected)), "the queue holds {QUEUE_LENGTH} signals");
    assert!(!hub.is_empty());
}

#[test]
fn the_oldest_stream_is_closed_at_the_sessions_limit() {
    let hub = Hub::with_slots(100);
    let mut open: Vec<_> =
        (0..=PER_SESSION).map(|_| hub.open("ayse", "sid_1", 0, Rights::default()).expect("a slot")).collect();
    assert!(matches!(open[0].1.try_recv(), Err(TryRecvError::Disconnected)));
    assert!(matches!(open[1].1.try_recv(), Err(TryRecvError::Empty)));
    // Dropping a stream that was already removed affects no other stream.
    drop(open.remove(0));
    assert!(matches!(open[0].1.try_recv(), Err(TryRecvError::Empty)));
}

#[test]
fn dropped_streams_free_their_slots() {
    let hub = Hub::with_slots(2);
    let first = hub.open("ayse", "sid_1", 0, Rights::default());
    let _second = hub.open("mehmet", "sid_2", 0, Rights::default()).expect("a slot");
    assert!(hub.open("zeynep", "sid_3", 0, Rights::default()).is_none());
    drop(first);
    assert!(hub.open("zeynep", "sid_3", 0, Rights::default()).is_some());
}

#[test]
fn closed_streams_leave_no_entries() {
    let hub = Hub::with_slots(10);
    let (slot, _receiver) = hub.open("ayse", "sid_1", 0, Rights::default()).expect("a slot");
    let (other, mut ending) = hub.open("ayse", "sid_2", 0, Rights::default()).expect("a slot");
    assert!(hub.has_others("ayse", "sid_1") && !hub.has_others("mehmet", "sid_1"));
    hub.end("sid_2", EndReason::Revoked);
    assert!(matches!(ending.try_recv(), Ok(Signal::Ended(EndReason::Revoked))));
    assert!(!hub.has_others("ayse", "sid_1"));
    drop((slot, other));
    assert!(hub.is_empty() && hub.registry().users.is_empty());
}

#[test]
fn renewal_drops_only_streams_of_earlier_ids() {
    let hub = Hub::with_slots(10);
    let (_slot, mut old) = hub.open("ayse", "sid_1", 0, Rights::default()).expect("a slot");
    let (_slot, mut new) = hub.open("ayse", "sid_1", 1, Rights::default()).expect("a slot");
    hub.renew("sid_1", 1);
    hub.signal_user("ayse", None, &Signal::UserChanged);
    assert!(matches!(old.try_recv(), Ok(Signal::Renewed)));
    assert!(matches!(old.try_recv(), Err(TryRecvError::Disconnected)), "it gets no later signals");
    assert!(matches!(new.try_recv(), Ok(Signal::UserChanged)));
    hub.renew("sid_1", 1);
    assert!(
        matches!(new.try_recv(), Err(TryRecvError::Empty)),
        "a second renewal with the same number changes nothing"
    );
}

#[test]
fn only_those_with_the_rights_hear_of_others() {
    let hub = Hub::with_slots(10);
    let manages = Rights { permissions: Permissions::of(&[DeskPart::Users.needs()]), administrator: false };
    let (slot, mut ayse) = hub.open("ayse", "sid_1", 0, manages).expect("a slot");
    let (_other, mut mehmet) = hub.open("mehmet", "sid_2", 0, Rights::default()).expect("a slot");
    let hear = || {
        let may = |rights: &Rights| rights.permissions.contains(DeskPart::Users.needs());
        hub.signal_those(may, None, &Signal::DeskChanged(DeskPart::Users));
    };
    hear();
    assert!(matches!(ayse.try_recv(), Ok(Signal::DeskChanged(DeskPart::Users))));
    assert!(matches!(mehmet.try_recv(), Err(TryRecvError::Empty)));
    slot.set_rights(Rights::default());
    hear();
    assert!(matches!(ayse.try_recv(), Err(TryRecvError::Empty)), "the right is gone");
    hub.signal_those(|_| true, Some("ayse"), &Signal::UserChanged);
    assert!(matches!(ayse.try_recv(), Err(TryRecvError::Empty)));
    assert!(matches!(mehmet.try_recv(), Ok(Signal::UserChanged)));
}
