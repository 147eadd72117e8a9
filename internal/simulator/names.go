package simulator

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// name is a name as written and as used in an email.
type name struct{ text, handle string }

// culture determines a person's name and workplace.
type culture struct {
	share  int // of 20 people
	firsts []name
	lasts  []name // empty: people have one name, in both fields, as is usual in Workday
	places []place
}

type place struct{ city, country, office, locale string }

// Each word of a list is one name. "_" is a space. "text=handle" gives the handle if it isn't the text without accents.
var cultures = []culture{
	{
		share: 6,
		firsts: list("Jane John Emily Michael Sarah David Grace Oliver Hannah Samuel Chloe Daniel Ruth Thomas Alice " +
			"Peter Zoe Ian Mary-Kate=marykate Leah Aaron Beth Owen Tess Caleb June Victor Wendy"),
		lasts: list("Doe Smith Brown Wilson Taylor Clarke Hughes Walker Bennett Fletcher Harrington " +
			"Lloyd-Jones=lloydjones Marsh Whitfield Ashworth St._John=stjohn Kerr Pratt Vance Yates O " +
			"Mac_Gill=macgill Sinclair Thorne"),
		places: []place{
			{"Toronto", "Canada", "Toronto King West", "en-US"},
			{"Atlanta", "United States of America", "Atlanta Midtown", "en-US"},
			{"London", "United Kingdom", "London Bridge", "en-US"},
			{"Calgary", "Canada", "", "en-US"},
		},
	},
	{
		share:  1,
		firsts: list("Siobhán Seán Aoife Pádraig Niamh Ciarán Róisín Eoin Caoimhe Fionn Máire Tadhg"),
		lasts: list("O'Brien=o'brien O'Neill=o'neill O'Connor=o'connor O'Sullivan=o'sullivan D'Arcy=d'arcy " +
			"M'Bala=m'bala MacGrath Ní_Dhomhnaill=nidhomhnaill O’Hara=ohara Fitzgerald"),
		places: []place{{"Dublin", "Ireland", "Dublin Docklands", "en-US"}, {"Cork", "Ireland", "", "en-US"}},
	},
	{
		share: 2,
		firsts: list("Amélie François Élodie Noël Chloë Zoé Jérôme Aurélie Jean-Luc Maëlle Étienne Geneviève Hélène " +
			"Benoît Solène Loïc"),
		lasts: list("Lefèvre Bélanger Côté Gagné D'Amours=damours L'Écuyer=lecuyer Tremblay Bouchard " +
			"de_la_Fontaine=delafontaine Hébert Thériault Lévesque Desrosiers Saint-Onge=saintonge"),
		places: []place{
			{"Montréal", "Canada", "Montréal Sainte-Catherine", "fr-CA"}, {"Québec", "Canada", "", "fr-CA"},
		},
	},
	{
		share: 2,
		firsts: list("José María Íñigo Lucía Joaquín Sofía Andrés Inés Raúl Mónica Ángel Begoña Nicolás Rocío Iván " +
			"Ximena"),
		lasts: list("García_López=garcia.lopez Muñoz Ibáñez Peña Núñez Rodríguez Fernández_de_Córdoba=fdecordoba " +
			"Ordóñez Zúñiga Castañeda Güell Sáez Vázquez Ñíguez=niguez"),
		places: []place{
			{"Madrid", "Spain", "Madrid Chamberí", "es-ES"},
			{"Sevilla", "Spain", "", "es-ES"},
			{"Ciudad de México", "Mexico", "CDMX Reforma", "es-ES"},
		},
	},
	{
		share: 2,
		firsts: list("Jürgen Käthe Björn Søren Åsa Øyvind Günther Anneliese Þór=thor Ingrid Matthäus Lars Siân Gwên " +
			"Ægir=aegir Ulf"),
		lasts: list("Müller Weiß=weiss Größmann=groessmann Ångström Sørensen Kjærgård=kjaergard " +
			"von_der_Heide=vonderheide Schröder Þorvaldsdóttir=thorvaldsdottir Høeg Lindqvist Jäger Vinter " +
			"van_’t_Hoff=vanthoff"),
		places: []place{
			{"München", "Germany", "München Ost", "en-US"},
			{"København", "Denmark", "København Nord", "en-US"},
			{"Zürich", "Switzerland", "", "en-US"},
		},
	},
	{
		share: 2,
		firsts: list("Łukasz Agnieszka Zdeněk Jiřina Ondřej Şebnem İbrahim=ibrahim Çağla Gökçe Ștefan=stefan Ioana " +
			"Đorđe=dorde Živa Małgorzata"),
		lasts: list("Wójcik Dąbrowski Kowalczyk Němcová Dvořák Yılmaz=yilmaz Öztürk Şahin Ionescu Đurić=duric " +
			"Žižek Wałęsa Brzęczyszczykiewicz Țurcanu=turcanu"),
		places: []place{{"Kraków", "Poland", "Kraków Zabłocie", "en-US"}, {"İstanbul", "Türkiye", "", "en-US"}},
	},
	{
		share:  1,
		firsts: list("Aarav Priya Venkata Lakshmi Arjun Meera Sanjay Divya Rohan Ananya Harpreet Kavya"),
		lasts:  list("Krishnamurthy Iyer Patel Chattopadhyay Reddy Singh Venkataraman Nair Deshpande Bhattacharya"),
		places: []place{{"Bengaluru", "India", "Bengaluru Koramangala", "en-US"}},
	},
	{
		share:  1,
		firsts: list("伟=wei 芳=fang 秀英=xiuying 敏=min 静=jing 强=qiang 磊=lei 洋=yang 艳=yan 杰=jie"),
		lasts:  list("王=wang 李=li 张=zhang 刘=liu 陈=chen 欧阳=ouyang 司马=sima 诸葛=zhuge 赵=zhao 黄=huang"),
		places: []place{{"上海", "China", "上海 静安", "en-US"}},
	},
	{
		share:  1,
		firsts: list("서연=seoyeon 민준=minjun 지우=jiwoo 도윤=doyun 하은=haeun 예준=yejun 수빈=subin 현우=hyunwoo"),
		lasts:  list("김=kim 이=lee 박=park 최=choi 정=jung 남궁=namgung 강=kang 윤=yoon"),
		places: []place{{"서울", "Korea, Republic of", "서울 강남", "ko"}},
	},
	{
		share:  1,
		firsts: list("太郎=taro 花子=hanako 翔太=shota 美咲=misaki 蓮=ren 陽菜=hina 大輔=daisuke さくら=sakura ケン=ken"),
		lasts:  list("佐藤=sato 鈴木=suzuki 髙橋=takahashi 田中=tanaka 渡邊=watanabe 伊藤=ito 山本=yamamoto 﨑山=sakiyama"),
		places: []place{{"東京", "Japan", "東京 丸の内", "ja"}},
	},
	{
		share:  1,
		firsts: list("Sukarno Suharto Budiono Wati Suryani Madonna Harjo Teller Prabowo Ayu Dewi Nyoman"),
		places: []place{{"Jakarta", "Indonesia", "Jakarta Sudirman", "en-US"}},
	},
}

// list parses a line of the table above.
func list(line string) []name {
	words := strings.Fields(line)
	names := make([]name, len(words))
	for i, word := range words {
		text, handle, given := strings.Cut(word, "=")
		text = norm.NFC.String(strings.ReplaceAll(text, "_", " "))
		if !given {
			handle = fold(text)
		}
		names[i] = name{text, handle}
	}
	return names
}

var letters = strings.NewReplacer("ł", "l", "ø", "o", "ß", "ss", "đ", "d", "ı", "i", "æ", "ae", "þ", "th")

// fold returns text in lower-case ASCII letters.
func fold(text string) string {
	text = letters.Replace(strings.ToLower(text))
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) {
			return -1
		}
		return r
	}, norm.NFD.String(text))
}

// slot is the culture of one in 20 people, and the rank among the slots of that culture.
type slot struct{ culture, rank int }

func newWheel(c *Company) []slot {
	var wheel []slot
	for i, culture := range cultures {
		for rank := range culture.share {
			wheel = append(wheel, slot{i, rank})
		}
	}
	for i := len(wheel) - 1; i > 0; i-- {
		j := c.pick(drawWheel, i, 0, i+1)
		wheel[i], wheel[j] = wheel[j], wheel[i]
	}
	return wheel
}

// naming returns a person's name and the email before the @. Numbers map one to one to (culture, pair of names, round),
// so emails are unique without a list of them. After a rename the email has the number, for the same reason.
func (c *Company) naming(number, renames int) (first, last, local string) {
	s := c.wheel[number%len(c.wheel)]
	culture := &cultures[s.culture]
	index := number/len(c.wheel)*culture.share + s.rank
	pairs := len(culture.firsts) * max(len(culture.lasts), 1)
	round, pair := index/pairs, c.shuffled(index%pairs, pairs, s.culture)
	f := culture.firsts[pair%len(culture.firsts)]
	if len(culture.lasts) == 0 {
		if renames > 0 {
			f = culture.firsts[(pair+renames)%len(culture.firsts)]
		}
		return f.text, f.text, suffixed(f.handle, round, number, renames)
	}
	place := pair / len(culture.firsts)
	if renames > 0 {
		place = (place + 1 + c.pick(drawRename, number, renames, len(culture.lasts)-1)) % len(culture.lasts)
	}
	l := culture.lasts[place]
	return f.text, l.text, suffixed(f.handle+"."+l.handle, round, number, renames)
}

func suffixed(local string, round, number, renames int) string {
	switch {
	case renames > 0:
		return fmt.Sprintf("%s.%d", local, number)
	case round > 0:
		return fmt.Sprintf("%s%d", local, round+1)
	}
	return local
}

// shuffled maps 0..n-1 one to one onto itself.
func (c *Company) shuffled(i, n, which int) int {
	step := c.pick(drawPair, which, 0, n) | 1
	for gcd(step, n) != 1 {
		step += 2
	}
	return (i*(step%n) + c.pick(drawPair, which, 1, n)) % n
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// workplace returns a person's workplace after a number of moves to other offices. The locale stays the same.
func (c *Company) workplace(number, moves int) place {
	places := cultures[c.wheel[number%len(c.wheel)].culture].places
	home := places[c.pick(drawPlace, number, 0, len(places))]
	if moves == 0 {
		return home
	}
	start := slices.IndexFunc(offices, func(p place) bool { return p.office == home.office })
	if start < 0 {
		start = c.pick(drawPlace, number, 1, len(offices))
	}
	to := offices[(start+moves)%len(offices)]
	return place{to.city, to.country, to.office, home.locale}
}

// offices are the places with an office, sorted by its name.
var offices = func() []place {
	var all []place
	for _, culture := range cultures {
		for _, p := range culture.places {
			if p.office != "" {
				all = append(all, p)
			}
		}
	}
	slices.SortFunc(all, func(a, b place) int { return strings.Compare(a.office, b.office) })
	return all
}()
