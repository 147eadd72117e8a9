package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

// erase is what was asked for.
type erase struct {
	tenant, person string
	by, why        string
	yes            bool
	lift, list     bool
}

func newErase(a *app) *cobra.Command {
	var asked erase
	command := &cobra.Command{
		Use:   "erase TENANT PERSON",
		Short: "Erase one person's data, and keep them out",
		Long: `Erases one person's data of a tenant: from the members, the values of the audit, and the rows, issues and plans of all runs,
previews too. In the audit ids and names of fields stay; a row ` + "`erased`" + ` tells whoever follows it. Whoever had them as their
manager loses that email. PERSON is an email (any that the person ever had here), an external id or a member's id.

From then on they are kept out: rows of theirs are counted and listed (code ` + "`erased`" + `, the row's number only), nothing of them is
stored. They are known again by keyed hashes of their external ids and emails, until --lift: the next sync may then add them, as
somebody new. A sync under way is waited for, up to ten minutes, then it fails and the next one does its work.

Not searched: reasons and notes that operators wrote, and your backups.`,
		Example: `  starter erase acme ada@example.com --by jo --reason "request 4711"
  starter erase acme E10042 --yes
  starter erase acme ada@example.com --lift
  starter erase acme --list`,
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			asked.tenant = args[0]
			if asked.list != (len(args) == 1) || asked.list && asked.lift {
				return usagef("name one person, or ask with --list how many are kept out")
			}
			if !asked.list {
				asked.person = args[1]
			}
			return a.erase(command.Context(), asked)
		},
	}
	command.Flags().StringVar(&asked.by, "by", "", "who asks (default: the name in $USER)")
	command.Flags().StringVar(&asked.why, "reason", "", "why; don't name the person")
	command.Flags().BoolVar(&asked.yes, "yes", false, "don't ask")
	command.Flags().BoolVar(&asked.lift, "lift", false, "let the person come back")
	command.Flags().BoolVar(&asked.list, "list", false, "how many are kept out")
	return command
}

func (a *app) erase(ctx context.Context, asked erase) error {
	kept, err := a.known(ctx, asked.tenant)
	switch {
	case err != nil:
		return err
	case asked.list:
		return a.listErased(ctx, asked)
	case asked.lift:
		return a.liftErasure(ctx, asked)
	}
	if id, err := uuid.Parse(asked.person); err == nil { // one that was asked for, but not done
		if e, err := kept.Erasure(ctx, asked.tenant, id); err == nil && e.Subject != nil {
			return a.playErasure(ctx, asked.tenant, id)
		}
	}
	subject, shared, err := a.subject(ctx, asked)
	if err != nil {
		return err
	}
	if err := a.confirmErasure(asked, subject, shared); err != nil {
		return err
	}
	if _, err := a.client(ctx); err != nil {
		return err
	}
	// Names stay in the store: Temporal sees the request's id alone.
	request, err := a.request(ctx, "erase", resync{tenant: asked.tenant, by: asked.by, why: asked.why})
	if err != nil {
		return err
	}
	id, err := uuid.Parse(request)
	if err != nil {
		return fmt.Errorf("the request's id: %w", err)
	}
	if err := kept.PutErasure(ctx, store.Erasure{Tenant: asked.tenant, ID: id, Subject: &subject, At: time.Now()}); err != nil {
		return err
	}
	err = a.playErasure(ctx, asked.tenant, id)
	var notStarted *startError
	if errors.As(err, &notStarted) { // who it is about isn't left waiting
		return errors.Join(err, kept.DropErasure(context.WithoutCancel(ctx), asked.tenant, id))
	}
	return err
}

// startError says that an erasure's workflow was not started.
type startError struct{ err error }

func (e *startError) Error() string { return "start the erasure: " + e.err.Error() }
func (e *startError) Unwrap() error { return e.err }

// erasedLine is what erase prints as JSON.
type erasedLine struct {
	Tenant      string    `json:"tenant"`
	Request     uuid.UUID `json:"request"`
	Members     int       `json:"members"`
	Memberships int       `json:"memberships"`
	Managers    int       `json:"managers"` // members whose manager's email was cleared
	Chunks      int       `json:"chunks"`   // of runs, rewritten
}

// playErasure starts an erasure's workflow, or joins it, and waits until it ends.
func (a *app) playErasure(ctx context.Context, tenant string, request uuid.UUID) error {
	c, err := a.client(ctx)
	if err != nil {
		return err
	}
	if busy, err := a.kept.RoundUnderWay(ctx, tenant); err != nil {
		return err
	} else if busy {
		fmt.Fprintf(a.errOut, "A sync of %s is under way: it is waited for, up to ten minutes.\n", tenant)
	}
	id := workflows.EraseID(tenant, request)
	started, err := c.ExecuteWorkflow(ctx, a.startOptions(id, "Erase one person of "+tenant), workflows.EraseName,
		workflows.EraseInput{Tenant: tenant, Request: request})
	if err != nil {
		return &startError{err}
	}
	var result workflows.EraseResult
	if err := started.Get(ctx, &result); err != nil {
		return fmt.Errorf("the erasure isn't done (workflow %s); go on with it by `starter erase %s %s`: %w", id, tenant, request, err)
	}
	done := erasedLine{
		Tenant: tenant, Request: request, Members: result.Erased.Members, Memberships: result.Erased.Memberships,
		Managers: result.Erased.Managers, Chunks: result.Chunks,
	}
	if a.format == jsonFormat {
		return a.writeJSON(done)
	}
	return a.print("%s: erased, and kept out from now on.\n  %s, %s; no longer the manager of %d\n  %s of what runs have kept rewritten\n",
		tenant, terminal.Count(done.Members, "member", "members"), terminal.Count(done.Memberships, "membership", "memberships"), done.Managers,
		terminal.Count(done.Chunks, "piece", "pieces"))
}

// subject finds out who is meant, and all that they were known by. Emails that somebody else has by now are theirs: they are left
// out, and counted in shared.
func (a *app) subject(ctx context.Context, asked erase) (subject erasure.Subject, shared int, err error) {
	s := &searcher{store: a.kept, tenant: asked.tenant}
	if err := s.find(ctx, asked.person); err != nil {
		return subject, 0, err
	}
	if len(s.order) > 1 {
		return subject, 0, &ending{exitUsage, fmt.Errorf("%d members were known by that: name one by its member id, of %s",
			len(s.order), strings.Join(idTexts(s.order), ", "))}
	}
	if err := a.unnamed(ctx, s); err != nil {
		return subject, 0, err
	}
	var emails []string
	for _, id := range s.order {
		subject.Members = append(subject.Members, id)
		of := s.found[id]
		if m := of.member; m != nil {
			emails = append(emails, m.Values[roster.Email])
			if m.ExternalID != "" {
				subject.Externals = append(subject.Externals, erasure.External{Kind: m.ExternalKind, ID: m.ExternalID})
			}
		}
		for _, c := range of.changes {
			for _, value := range c.Fields[roster.Email.String()] {
				emails = append(emails, textOf(value))
			}
			for _, value := range c.Fields[roster.ExternalID.String()] {
				subject.Externals = withExternal(subject.Externals, textOf(value))
			}
		}
	}
	if len(s.order) == 0 {
		if email, ok := roster.NormalEmail(asked.person); ok {
			emails = append(emails, email)
		} else {
			subject.Externals = withExternal(nil, roster.NormalText(asked.person))
		}
	}
	slices.Sort(emails)
	for _, email := range slices.Compact(emails) {
		if email == "" {
			continue
		}
		others, err := a.kept.MembersKnownAs(ctx, asked.tenant, email, "")
		if err != nil {
			return subject, 0, err
		}
		if slices.ContainsFunc(others, func(m roster.Member) bool { return !slices.Contains(subject.Members, m.ID) }) {
			shared++
			continue
		}
		subject.Emails = append(subject.Emails, email)
	}
	return subject, shared, nil
}

// unnamed refuses to erase somebody whom tenants.yaml names: the settings would keep the name, and a sentinel would be missing.
func (a *app) unnamed(ctx context.Context, s *searcher) error {
	mentions, err := s.mentions(ctx, false)
	if err != nil || len(mentions) == 0 {
		return err
	}
	entries := make([]string, len(mentions))
	for i, m := range mentions {
		entries[i] = m.Entry
	}
	return &ending{exitUsage, fmt.Errorf("tenants.yaml names them, in %s: take them out there first, and run `starter apply`",
		strings.Join(entries, ", "))}
}

// withExternal adds an external id of a kind that isn't known, unless it is there.
func withExternal(list []erasure.External, id string) []erasure.External {
	if id == "" || slices.ContainsFunc(list, func(e erasure.External) bool { return e.ID == id }) {
		return list
	}
	return append(list, erasure.External{ID: id})
}

func idTexts(ids []uuid.UUID) []string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return texts
}

// confirmErasure says what will be done, and asks.
func (a *app) confirmErasure(asked erase, subject erasure.Subject, shared int) error {
	var page strings.Builder
	if len(subject.Members) == 0 {
		fmt.Fprintf(&page, "Nobody is, or was, a member of %s by that. They will be kept out, and taken out of what runs have kept.\n", asked.tenant)
	} else {
		fmt.Fprintf(&page, "Member %s of %s will be erased, and kept out by %s and %s.\n", subject.Members[0], asked.tenant,
			terminal.Count(len(subject.Emails), "email", "emails"), terminal.Count(len(subject.Externals), "external id", "external ids"))
	}
	if len(subject.Members) > 0 && len(subject.Emails)+len(subject.Externals) == 0 {
		page.WriteString("No email and no external id of theirs is known any more: they can't be known again.\n")
	}
	if shared > 0 {
		fmt.Fprintf(&page, "%s of theirs is somebody else's by now, and stays.\n", terminal.Count(shared, "email", "emails"))
	}
	page.WriteString("It can't be taken back. Reasons and notes that operators wrote, and your backups, aren't searched.\n")
	fmt.Fprint(a.errOut, page.String())
	if asked.yes {
		return nil
	}
	terminal, is := a.env.stdin.(*os.File)
	if !is || !isatty.IsTerminal(terminal.Fd()) {
		return usagef("nothing was done: there is nobody to ask, so say --yes")
	}
	fmt.Fprint(a.errOut, "Type yes to erase: ")
	answer, err := bufio.NewReader(terminal).ReadString('\n')
	if err != nil || strings.TrimSpace(answer) != "yes" {
		return errors.New("nothing was done")
	}
	return nil
}
