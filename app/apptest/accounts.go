package apptest

import (
	"context"
	"slices"
	"strings"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// members keeps ports.Members over the world's members, sessions and links. It
// is for one caller at a time.
type members struct{ world *World }

var _ ports.Members = members{}

func (s members) find(fits func(access.Member) bool) (*access.Member, error) {
	if at := slices.IndexFunc(s.world.Members, fits); at >= 0 {
		return &s.world.Members[at], nil
	}
	return nil, notFound("member")
}

func (s members) stored(m access.Member) (*access.Member, error) {
	return s.find(func(have access.Member) bool { return have.TenantID == m.TenantID && have.ID == m.ID })
}

func (s members) FindMember(_ context.Context, tenant access.TenantID, id string) (access.Member, error) {
	m, err := s.stored(access.Member{TenantID: tenant, ID: id})
	if err != nil {
		return access.Member{}, err
	}
	return *m, nil
}

func (s members) FindMemberByEmail(_ context.Context, email string) (access.Member, error) {
	m, err := s.find(func(have access.Member) bool { return have.Email == email })
	if err != nil {
		return access.Member{}, err
	}
	return *m, nil
}

func (s members) ListMembers(_ context.Context, tenant access.TenantID, page ports.Page) (ports.Paged[access.Member], error) {
	rows := where(s.world.Members, func(m access.Member) bool { return m.TenantID == tenant })
	return cut(rows, func(m access.Member) string { return m.ID }, page), nil
}

func (s members) mayLeave(member access.Member, role access.Role) (*access.Member, error) {
	m, err := s.stored(member)
	if err != nil {
		return nil, err
	}
	owners := where(s.world.Members, func(o access.Member) bool { return o.TenantID == m.TenantID && o.Role == access.RoleOwner })
	if m.Role == access.RoleOwner && role != access.RoleOwner && len(owners) < 2 {
		return nil, fault.New(fault.CodeLastOwner, "The last owner stays one.")
	}
	return m, nil
}

func (s members) endSessions(memberID, keep string) {
	s.world.Sessions = slices.DeleteFunc(s.world.Sessions, func(have access.Session) bool { return have.MemberID == memberID && have.ID != keep })
}

func (s members) ChangeMemberRole(_ context.Context, member access.Member, role access.Role, keepSession string, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	m, err := s.mayLeave(member, role)
	if err != nil {
		return err
	}
	m.Role = role
	s.endSessions(m.ID, keepSession)
	return nil
}

func (s members) RemoveMember(_ context.Context, member access.Member, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	m, err := s.mayLeave(member, "")
	if err != nil {
		return err
	}
	s.endSessions(m.ID, "")
	s.world.Members = slices.DeleteFunc(s.world.Members, func(have access.Member) bool { return have.ID == member.ID })
	return nil
}

func (s members) SetPassword(_ context.Context, member access.Member, hash, keepSession string, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	m, err := s.stored(member)
	if err != nil {
		return err
	}
	m.PasswordHash = hash
	s.endSessions(m.ID, keepSession)
	return nil
}

func (s members) AddPasswordReset(_ context.Context, reset access.PasswordReset) error {
	s.world.Resets = append(s.world.Resets, reset)
	return nil
}

func (s members) FindPasswordReset(_ context.Context, digest string, now time.Time) (access.PasswordReset, error) {
	for _, r := range s.world.Resets {
		if r.Digest == digest && now.Before(r.ExpiresAt) {
			return r, nil
		}
	}
	return access.PasswordReset{}, notFound("link")
}

func (s members) ResetPassword(ctx context.Context, digest, hash string, now time.Time, entries ...audit.Entry) (_ access.Member, err error) {
	defer s.world.audited(&err, entries)
	reset, err := s.FindPasswordReset(ctx, digest, now)
	if err != nil {
		return access.Member{}, err
	}
	s.world.Resets = nil
	member, err := s.FindMember(ctx, reset.TenantID, reset.MemberID)
	if err != nil {
		return access.Member{}, err
	}
	member.PasswordHash = hash
	return member, s.SetPassword(ctx, member, hash, "")
}

type invitations struct{ world *World }

var _ ports.Invitations = invitations{}

func (s invitations) drop(fits func(access.Invitation) bool) bool {
	before := len(s.world.Invitations)
	s.world.Invitations = slices.DeleteFunc(s.world.Invitations, fits)
	return len(s.world.Invitations) < before
}

func (s invitations) PutInvitation(_ context.Context, i access.Invitation, mayReplaceOwner bool, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	isKept := func(have access.Invitation) bool {
		return have.TenantID == i.TenantID && have.Email == i.Email && have.Role == access.RoleOwner && i.CreatedAt.Before(have.ExpiresAt) && !mayReplaceOwner
	}
	if slices.ContainsFunc(s.world.Invitations, isKept) {
		return fault.New(fault.CodeDenied, "This person is invited as an owner already.")
	}
	s.drop(func(have access.Invitation) bool { return have.TenantID == i.TenantID && have.Email == i.Email })
	s.world.Invitations = append([]access.Invitation{i}, s.world.Invitations...)
	return nil
}

func (s invitations) FindInvitation(_ context.Context, digest string, now time.Time) (access.Invitation, error) {
	for _, i := range s.world.Invitations {
		if i.Digest == digest && now.Before(i.ExpiresAt) {
			return i, nil
		}
	}
	return access.Invitation{}, notFound("invitation")
}

func (s invitations) ListInvitations(_ context.Context, tenant access.TenantID, now time.Time) ([]access.Invitation, error) {
	return where(s.world.Invitations, func(i access.Invitation) bool { return i.TenantID == tenant && now.Before(i.ExpiresAt) }), nil
}

func (s invitations) RevokeInvitation(_ context.Context, tenant access.TenantID, id string, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	if !s.drop(func(i access.Invitation) bool { return i.TenantID == tenant && i.ID == id }) {
		return notFound("invitation")
	}
	return nil
}

func (s invitations) AcceptInvitation(ctx context.Context, digest string, in ports.NewMember, entries ...audit.Entry) (_ access.Member, err error) {
	defer s.world.audited(&err, entries)
	i, err := s.FindInvitation(ctx, digest, in.JoinedAt)
	if err != nil {
		return access.Member{}, err
	}
	if _, err := members(s).FindMemberByEmail(ctx, i.Email); err == nil {
		return access.Member{}, fault.New(fault.CodeConflict, "This e-mail address is in use.")
	}
	s.drop(func(have access.Invitation) bool { return have.ID == i.ID })
	m := access.Member{ID: in.ID, TenantID: i.TenantID, Email: i.Email, Role: i.Role, PasswordHash: in.PasswordHash, CreatedAt: in.JoinedAt}
	s.world.Members = append(s.world.Members, m)
	return m, nil
}

type sessions struct{ world *World }

var _ ports.Sessions = sessions{}

func (s sessions) CreateSession(_ context.Context, member access.Member, session access.Session, replaces string, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	if _, err := members(s).stored(member); err != nil {
		return err
	}
	s.world.Sessions = slices.DeleteFunc(s.world.Sessions, func(have access.Session) bool { return have.Digest == replaces })
	s.world.Sessions = append([]access.Session{session}, s.world.Sessions...)
	return nil
}

func (s sessions) FindSession(ctx context.Context, digest string) (access.Session, access.Member, error) {
	for _, have := range s.world.Sessions {
		if have.Digest == digest {
			member, err := members(s).FindMember(ctx, have.TenantID, have.MemberID)
			return have, member, err
		}
	}
	return access.Session{}, access.Member{}, notFound("session")
}

func (s sessions) TouchSession(_ context.Context, id string, seen time.Time) error {
	s.world.called("Sessions.TouchSession")
	for i, have := range s.world.Sessions {
		if have.ID == id {
			s.world.Sessions[i].LastSeenAt = seen
		}
	}
	return nil
}

func (s sessions) ListSessions(_ context.Context, tenant access.TenantID, memberID string, now time.Time) ([]access.Session, error) {
	return where(s.world.Sessions, func(have access.Session) bool {
		return have.TenantID == tenant && have.MemberID == memberID && have.IsLive(now)
	}), nil
}

func (s sessions) EndSession(_ context.Context, tenant access.TenantID, memberID, id string, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	before := len(s.world.Sessions)
	s.world.Sessions = slices.DeleteFunc(s.world.Sessions, func(have access.Session) bool {
		return have.TenantID == tenant && have.MemberID == memberID && have.ID == id
	})
	if len(s.world.Sessions) == before {
		return notFound("session")
	}
	return nil
}

func (s sessions) EndSessionOf(_ context.Context, digest string, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	s.world.Sessions = slices.DeleteFunc(s.world.Sessions, func(have access.Session) bool { return have.Digest == digest })
	return nil
}

// passwords hashes to the password behind a mark, and counts.
type passwords struct{ world *World }

const hashMark = "hash of "

func (s passwords) Hash(_ context.Context, password string) (string, error) {
	s.world.called("Passwords.Hash")
	return hashMark + password, nil
}

func (s passwords) Matches(_ context.Context, password, hash string) (bool, error) {
	s.world.called("Passwords.Matches")
	plain, isHash := strings.CutPrefix(hash, hashMark)
	if !isHash {
		return false, fault.New(fault.CodeInternal, "This is no hash.")
	}
	return plain == password, nil
}

// throttle lets the free tries through and then says a minute.
type throttle struct{ world *World }

func (s throttle) Try(_ context.Context, key string, free int) (time.Duration, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if s.world.Tries == nil {
		s.world.Tries = map[string]int{}
	}
	if s.world.Tries[key] >= free {
		return time.Minute, nil
	}
	s.world.Tries[key]++
	return 0, nil
}

func (s throttle) TakeBack(_ context.Context, key string) error {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	s.world.Tries[key]--
	return nil
}

func (s throttle) Forget(_ context.Context, key string) error {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	delete(s.world.Tries, key)
	return nil
}

type mail struct{ world *World }

func (s mail) Send(_ context.Context, message ports.Message) error {
	if s.world.MailErr != nil {
		return s.world.MailErr
	}
	s.world.Mails = append(s.world.Mails, message)
	return nil
}
