//! Reads a JPEG's structure before decoding: whether it is complete, and how much memory the
//! decoder needs.

/// The parts of a JPEG's frame header that determine the decoder's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The number of colour components, each with its own plane.
    components: u8,
    /// Whether one scan contains all components. Otherwise the decoder combines several scans.
    at_once: bool,
}

impl Frame {
    /// The decoder's memory besides the picture, in bytes per pixel. With several scans, as in
    /// progressive JPEGs, the decoder keeps the coefficients of every plane until the last
    /// scan, two bytes each. Otherwise it keeps one row of blocks.
    pub fn extra_memory(self) -> u64 {
        if self.at_once { 0 } else { 2 * u64::from(self.components) }
    }
}

/// Reads the segments of a JPEG up to its first scan, skipping embedded thumbnails, which have
/// an end marker of their own. Returns `None` if the end marker is missing: the decoder would
/// silently fill the rest with grey. Scan data never contains a marker.
pub fn read(jpeg: &[u8]) -> Option<Frame> {
    let (mut at, mut frame) = (2, None);
    loop {
        let segment = jpeg.get(at..)?;
        let [0xff, marker, rest @ ..] = segment else { return None };
        if *marker == 0xff {
            at += 1;
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
        let content = rest.get(2..length)?;
        match marker {
            // Baseline, extended and progressive. The component count follows height and width.
            0xc0..=0xc2 if frame.is_none() => {
                let components = *content.get(5)?;
                frame = Some(Frame { components, at_once: *marker != 0xc2 });
            }
            // Other frame types and second frames are not supported.
            0xc0..=0xc2 | 0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return None,
            0xda => {
                let whole = rest.windows(2).any(|pair| pair == [0xff, 0xd9]);
                let Frame { components, at_once } = frame.filter(|_| whole)?;
                return Some(Frame { components, at_once: at_once && *content.first()? == components });
            }
            // Tables, restart intervals, application segments, comments. Other markers have no
            // length or are invalid here.
            0xc4 | 0xdb | 0xdd | 0xe0..=0xef | 0xfe => {}
            _ => return None,
        }
        at += 2 + length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2];
    const END: &[u8] = &[0, 0xff, 0xd9];

    fn frame(marker: u8, components: u8) -> Vec<u8> {
        vec![0xff, marker, 0, 8, 8, 0, 10, 0, 10, components]
    }

    fn scan(components: u8) -> Vec<u8> {
        vec![0xff, 0xda, 0, 3, components]
    }

    #[test]
    fn several_scans_need_memory_for_every_plane() {
        for (marker, of_frame, of_scan, extra_memory) in [
            (0xc0, 3, 3, 0),
            (0xc1, 1, 1, 0),
            (0xc2, 3, 3, 6),
            (0xc2, 1, 1, 2),
            (0xc2, 4, 1, 8),
            // Baseline, but with one scan per component.
            (0xc0, 3, 1, 6),
        ] {
            let jpeg = [START, &frame(marker, of_frame), &scan(of_scan), END].concat();
            assert_eq!(read(&jpeg).expect("a picture").extra_memory(), extra_memory, "{marker:x} {of_frame} {of_scan}");
        }
    }

    #[test]
    fn incomplete_and_unsupported_jpegs_are_rejected() {
        let (baseline, scan) = (frame(0xc0, 3), scan(3));
        for odd in [
            vec![],
            START.to_vec(),
            [START, &scan, END].concat(),
            [START, &baseline, &scan].concat(),
            [START, &baseline, &frame(0xc2, 3), &scan, END].concat(),
            [START, &frame(0xc9, 3), &scan, END].concat(),
            [START, &[0xff, 0x01], &baseline, &scan, END].concat(),
            [START, &[0, 0], &baseline, &scan, END].concat(),
            [START, &[0xff, 0xfe, 0, 1], &baseline, &scan, END].concat(),
        ] {
            assert_eq!(read(&odd), None, "{odd:x?}");
        }
    }
}
