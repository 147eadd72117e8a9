package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/terminal"
)

func newWhy(a *app) *cobra.Command {
	asked := why{runs: 200}
	command := &cobra.Command{
		Use:   "why TENANT PERSON",
		Short: "Explain what happened to one person, run by run",
		Long: `Tells one person's story: in which runs there was a row, whom it matched and by which key, what was decided and by which
rule, and what changed. PERSON is an email (any that the person ever had here), an external id or a member's id.

Names, emails, titles and ids are masked, unless --reveal. Rows, issues and plans are kept for the tenant's retention;
what is older is told from the audit alone.`,
		Example: `  starter why acme ada@example.com
  starter why acme E10042 --reveal
  starter why acme ada@example.com -o json | jq '.runs[] | select(.state == "absent")'`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			if asked.runs < 1 {
				return usagef("--runs is at least 1")
			}
			asked.tenant, asked.person = args[0], args[1]
			return a.why(command.Context(), asked)
		},
	}
	command.Flags().BoolVar(&asked.reveal, "reveal", false, "show values as they are")
	command.Flags().IntVar(&asked.runs, "runs", asked.runs, "how many of the latest runs to look at")
	return command
}

// why is a question about one person.
type why struct {
	tenant, person string
	reveal         bool
	runs           int
}

func (a *app) why(ctx context.Context, asked why) error {
	kept, err := a.known(ctx, asked.tenant)
	if err != nil {
		return err
	}
	s := &searcher{store: kept, tenant: asked.tenant}
	if err := s.find(ctx, asked.person); err != nil {
		return err
	}
	runs, err := kept.Runs(ctx, asked.tenant, asked.runs)
	if err != nil {
		return fmt.Errorf("runs of %s: %w", asked.tenant, err)
	}
	slices.Reverse(runs) // a story begins at its beginning
	groups, err := groupNames(ctx, kept, asked.tenant)
	if err != nil {
		return err
	}
	told := story{Tenant: asked.tenant, Person: asked.person, Revealed: asked.reveal, Members: s.members(asked.reveal), Runs: []tracedRun{}}
	if told.Mentions, err = s.mentions(ctx, asked.reveal); err != nil {
		return err
	}
	t := tracer{store: kept, who: s, groups: groups, shown: shower{reveal: asked.reveal}}
	found := len(told.Members) > 0
	for _, r := range runs {
		traced, err := t.trace(ctx, r)
		if err != nil {
			return fmt.Errorf("run %s: %w", r.ID, err)
		}
		found = found || !traced.quiet()
		told.Runs = append(told.Runs, traced)
	}
	if !found {
		return fmt.Errorf("%s knows nobody by that, in members, the audit and the last %s", asked.tenant, terminal.Count(len(runs), "run", "runs"))
	}
	told.Before = t.before(runs)
	if a.format == jsonFormat {
		return a.writeJSON(told)
	}
	return a.tell(told)
}

// searcher finds out who is meant.
type searcher struct {
	store  *store.Store
	tenant string

	found     map[uuid.UUID]*subject
	order     []uuid.UUID
	emails    map[string]bool // all that they are, or ever were, known by
	externals map[string]bool
}

// subject is a member who is meant.
type subject struct {
	member  *roster.Member // nil: deleted
	changes []store.AuditChange
}

// find finds the members whom a text names, and what else they were known by.
func (s *searcher) find(ctx context.Context, person string) error {
	s.found, s.emails, s.externals = map[uuid.UUID]*subject{}, map[string]bool{}, map[string]bool{}
	external := roster.NormalText(person)
	email, ok := roster.NormalEmail(person)
	if !ok {
		email = ""
	}
	s.know(email, external)
	now, err := s.store.MembersKnownAs(ctx, s.tenant, email, external)
	if err != nil {
		return err
	}
	ids, err := s.store.MembersOnceKnownAs(ctx, s.tenant, email, external)
	if err != nil {
		return err
	}
	for _, m := range now {
		ids = append(ids, m.ID)
	}
	if id, err := uuid.Parse(person); err == nil {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	for _, id := range slices.Compact(ids) {
		if err := s.take(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// take takes a member in, if there is or was one of that id.
func (s *searcher) take(ctx context.Context, id uuid.UUID) error {
	var of subject
	members, err := s.store.MembersByID(ctx, s.tenant, []uuid.UUID{id})
	if err != nil {
		return err
	}
	if len(members) > 0 {
		of.member = &members[0]
		s.know(members[0].Values[roster.Email], members[0].ExternalID)
	}
	for c, err := range s.store.MemberChanges(ctx, s.tenant, id) {
		if err != nil {
			return err
		}
		of.changes = append(of.changes, c)
		for _, value := range c.Fields[roster.Email.String()] {
			s.know(textOf(value), "")
		}
		for _, value := range c.Fields[roster.ExternalID.String()] {
			s.know("", textOf(value))
		}
	}
	if of.member != nil || len(of.changes) > 0 {
		s.found[id] = &of
		s.order = append(s.order, id)
	}
	return nil
}

func (s *searcher) know(email, external string) {
	if email != "" {
		s.emails[email] = true
	}
	if external != "" {
		s.externals[external] = true
	}
}

// means tells whether a row of that identity is meant. Somebody else may have an email that was theirs: the id decides
// where both have one.
func (s *searcher) means(external, email string) bool {
	if external != "" && s.externals[external] {
		return true
	}
	if !s.emails[email] {
		return false
	}
	for _, of := range s.found {
		if of.member != nil && of.member.ExternalID != "" && external != "" {
			return false
		}
	}
	return true
}

func textOf(value any) string {
	text, _ := value.(string)
	return text
}

// errGone says that a run's chunks are no longer kept.
var errGone = errors.New("no longer kept")
