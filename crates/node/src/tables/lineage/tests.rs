//! A model: journals, copies of them, and tables, with everything that an operator can do to them at any moment.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const TABLES: usize = Table::ALL.len();

/// What one table has.
#[derive(Debug, Clone, Default)]
struct ModelTable {
    taken: BTreeMap<String, u64>,
    token: BTreeMap<String, u64>,
    followers: BTreeMap<(String, u64), u64>,
    /// Who parted from a name after which run; kept in one table only.
    parted: BTreeMap<(String, u64), u64>,
    /// How often each item is in it.
    items: BTreeMap<u64, u64>,
}

impl ModelTable {
    fn line(&self, name: &str, tokens: &[u64]) -> TableLine {
        let follower = tokens.iter().find_map(|token| {
            let began_at = *self.followers.get(&(name.to_owned(), *token))?;
            Some(Follower { token: *token, began_at })
        });
        TableLine {
            taken: self.taken.get(name).copied().unwrap_or(0),
            token: self.token.get(name).copied(),
            follower,
        }
    }
}

impl ModelTable {
    fn begin_name(&mut self, place: usize, name: &str, parted_from: &str, lineage: &Lineage, start: u64) {
        self.taken.insert(name.to_owned(), start);
        self.token.insert(name.to_owned(), lineage.token());
        for follower in lineage.followers(place, &TableLine::default()) {
            self.followers.insert((name.to_owned(), follower.token), follower.began_at);
        }
        if place == 0 {
            let earlier = lineage.tokens().into_iter().filter(|earlier| *earlier != lineage.token());
            self.parted.extend(earlier.map(|earlier| ((parted_from.to_owned(), earlier), lineage.token())));
        }
    }
}

/// What is on disk in one data directory. The outbox and the log have one list each.
#[derive(Debug, Clone, Default)]
struct Directory {
    lineage: Option<Lineage>,
    sessions: Vec<u64>,
    events: Vec<u64>,
}

impl Directory {
    fn items(&self, place: usize) -> &[u64] {
        if place == Table::Events as usize { &self.events } else { &self.sessions }
    }

    fn ends(&self) -> Places {
        std::array::from_fn(|place| self.items(place).len() as u64)
    }
}

#[derive(Debug, Default)]
struct World {
    tables: [ModelTable; TABLES],
    directories: Vec<(Directory, bool)>,
    copies: Vec<Directory>,
    next_item: u64,
    next_token: u64,
}

/// One thing that happens; numbers are taken modulo what there is.
#[derive(Debug, Clone, Copy)]
enum Step {
    Come {
        at: usize,
        items: u64,
    },
    /// A hand-over that is cut short after so many of its own steps.
    HandOver {
        at: usize,
        steps: usize,
    },
    Stop {
        at: usize,
    },
    Start {
        at: usize,
    },
    Copy {
        at: usize,
    },
    PutBack {
        at: usize,
        copy: usize,
    },
    RunCopy {
        copy: usize,
    },
}

impl World {
    fn new() -> Self {
        let mut world = Self { next_token: 1, ..Self::default() };
        world.directories.push((Directory::default(), false));
        world.start(0);
        world
    }

    fn start(&mut self, at: usize) {
        let token = self.token();
        let (directory, is_running) = &mut self.directories[at];
        if *is_running {
            return;
        }
        let ends = directory.ends();
        let lineage = directory.lineage.get_or_insert_with(|| Lineage::new("first".into()));
        lineage.begin_run(token, ends);
        *is_running = true;
    }

    fn token(&mut self) -> u64 {
        self.next_token += 1;
        self.next_token
    }

    /// Does a hand-over up to so many of its steps; `true` when it came to its end.
    fn hand_over(&mut self, at: usize, mut steps: usize) -> bool {
        let mut goes_on = move || {
            steps = steps.saturating_sub(1);
            steps > 0
        };
        let (directory, is_running) = &mut self.directories[at];
        if !*is_running {
            return true;
        }
        let ends = directory.ends();
        let lineage = directory.lineage.as_mut().unwrap();
        let tokens = lineage.tokens();
        let (tables, mut last) = (&self.tables, lineage.name.clone());
        let lines_of =
            |name: &str| -> Lines { std::array::from_fn(|place| tables[place].line(name, &tokens)) };
        let mut names = vec![lines_of(&last)];
        while let Some(parted) = tokens.iter().find_map(|token| tables[0].parted.get(&(last.clone(), *token)))
        {
            last = name_after_parting(&last, *parted);
            names.push(lines_of(&last));
        }
        match lineage.examine(&names, ends) {
            Examined::Ours => {
                lineage.forget_old_runs(&names[0], ends);
            }
            Examined::Theirs { theirs, starts } => {
                let new_name = name_after_parting(&last, lineage.token());
                for place in (0..TABLES).rev() {
                    if !goes_on() {
                        return false;
                    }
                    self.tables[place].begin_name(place, &new_name, &last, lineage, starts[place]);
                }
                if !goes_on() {
                    return false;
                }
                lineage.part(new_name, theirs, starts, 0);
            }
        }
        if !goes_on() {
            return false;
        }
        lineage.claim(ends);
        let lineage = lineage.clone();
        for (place, table) in self.tables.iter_mut().enumerate() {
            if !goes_on() {
                return false;
            }
            let items = directory.items(place);
            let line = table.line(&lineage.name, &tokens);
            if let Some(new) = items.get(line.taken as usize..)
                && !new.is_empty()
            {
                for item in new {
                    *table.items.entry(*item).or_default() += 1;
                }
                table.taken.insert(lineage.name.clone(), ends[place]);
                table.token.insert(lineage.name.clone(), lineage.token());
                for follower in lineage.followers(place, &line) {
                    table.followers.insert((lineage.name.clone(), follower.token), follower.began_at);
                }
            }
        }
        true
    }

    fn step(&mut self, step: Step) {
        let directories = self.directories.len();
        match step {
            Step::Come { at, items } => {
                let (directory, is_running) = &mut self.directories[at % directories];
                if *is_running {
                    for _ in 0..items {
                        self.next_item += 1;
                        directory.events.push(self.next_item);
                        if self.next_item.is_multiple_of(3) {
                            directory.sessions.push(self.next_item);
                        }
                    }
                }
            }
            Step::HandOver { at, steps } => {
                if !self.hand_over(at % directories, steps) {
                    // It was killed.
                    self.directories[at % directories].1 = false;
                }
            }
            Step::Stop { at } => self.directories[at % directories].1 = false,
            Step::Start { at } => self.start(at % directories),
            Step::Copy { at } => self.copies.push(self.directories[at % directories].0.clone()),
            Step::PutBack { at, copy } => {
                if let Some(copy) = self.copies.get(copy % self.copies.len().max(1)) {
                    self.directories[at % directories] = (copy.clone(), false);
                }
            }
            Step::RunCopy { copy } => {
                if directories < 3
                    && let Some(copy) = self.copies.get(copy % self.copies.len().max(1))
                {
                    self.directories.push((copy.clone(), false));
                    self.start(directories);
                }
            }
        }
    }

    /// Lets everything that can run hand over all that it has.
    fn settle(&mut self) {
        for at in 0..self.directories.len() {
            self.start(at);
        }
        for _ in 0..3 {
            for at in 0..self.directories.len() {
                assert!(self.hand_over(at, usize::MAX));
            }
        }
    }

    /// Everything that a directory has must be in the tables; nothing may be there twice.
    fn check(&self, is_exact: bool) -> Result<(), TestCaseError> {
        for (directory, _) in &self.directories {
            for (place, table) in self.tables.iter().enumerate() {
                for item in directory.items(place) {
                    prop_assert!(
                        table.items.contains_key(item),
                        "{item} is lost in table {place}: {self:#?}"
                    );
                }
            }
        }
        for (place, table) in self.tables.iter().enumerate() {
            for (item, times) in &table.items {
                prop_assert!(!is_exact || *times == 1, "{item} is {times} times in table {place}: {self:#?}");
            }
        }
        Ok(())
    }
}

fn steps(runs_copies: bool) -> impl Strategy<Value = Vec<Step>> {
    let at = 0..3_usize;
    let copy = 0..8_usize;
    let step = prop_oneof![
        4 => (at.clone(), 1..5_u64).prop_map(|(at, items)| Step::Come { at, items }),
        3 => at.clone().prop_map(|at| Step::HandOver { at, steps: usize::MAX }),
        1 => (at.clone(), 1..14_usize).prop_map(|(at, steps)| Step::HandOver { at, steps }),
        1 => at.clone().prop_map(|at| Step::Stop { at }),
        2 => at.clone().prop_map(|at| Step::Start { at }),
        1 => at.clone().prop_map(|at| Step::Copy { at }),
        1 => (at, copy.clone()).prop_map(|(at, copy)| Step::PutBack { at, copy }),
        1 => copy.prop_map(move |copy| {
            if runs_copies { Step::RunCopy { copy } } else { Step::Start { at: 0 } }
        }),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// One directory, however often it is copied and put back.
    #[test]
    fn what_is_put_back_loses_nothing_and_doubles_nothing(steps in steps(false)) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.settle();
        world.check(true)?;
    }

    /// Copies run beside each other: nothing is lost. What only one of them had handed over when the other parted from it
    /// may be there twice.
    #[test]
    fn copies_that_run_beside_each_other_lose_nothing(steps in steps(true)) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.settle();
        world.check(false)?;
    }
}
