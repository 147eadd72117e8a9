// Package culture holds names of people, as they are written around the world, and places where they work.
package culture

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Name is a name as written and as used in an email.
type Name struct{ Text, Handle string }

// Culture holds the names and workplaces of some of the people.
type Culture struct {
	Share  int // of 20 people
	Firsts []Name
	Lasts  []Name // empty: people have one name, in both fields, as is usual in Workday
	Places []Place
}

// Place is a workplace. Office is "" for a city without one.
type Place struct{ City, Country, Office, Locale string }

// All holds all cultures. Each word of a list is one name. "_" is a space. "text=handle" gives the handle if it isn't
// the text without accents.
var All = []Culture{
	{
		Share: 6,
		Firsts: list("Jane John Emily Michael Sarah David Grace Oliver Hannah Samuel Chloe Daniel Ruth Thomas Alice " +
			"Peter Zoe Ian Mary-Kate=marykate Leah Aaron Beth Owen Tess Caleb June Victor Wendy"),
		Lasts: list("Doe Smith Brown Wilson Taylor Clarke Hughes Walker Bennett Fletcher Harrington " +
			"Lloyd-Jones=lloydjones Marsh Whitfield Ashworth St._John=stjohn Kerr Pratt Vance Yates O " +
			"Mac_Gill=macgill Sinclair Thorne"),
		Places: []Place{
			{"Toronto", "Canada", "Toronto King West", "en-US"},
			{"Atlanta", "United States of America", "Atlanta Midtown", "en-US"},
			{"London", "United Kingdom", "London Bridge", "en-US"},
			{"Calgary", "Canada", "", "en-US"},
		},
	},
	{
		Share:  1,
		Firsts: list("Siobhán Seán Aoife Pádraig Niamh Ciarán Róisín Eoin Caoimhe Fionn Máire Tadhg"),
		Lasts: list("O'Brien=o'brien O'Neill=o'neill O'Connor=o'connor O'Sullivan=o'sullivan D'Arcy=d'arcy " +
			"M'Bala=m'bala MacGrath Ní_Dhomhnaill=nidhomhnaill O’Hara=ohara Fitzgerald"),
		Places: []Place{{"Dublin", "Ireland", "Dublin Docklands", "en-US"}, {"Cork", "Ireland", "", "en-US"}},
	},
	{
		Share: 2,
		Firsts: list("Amélie François Élodie Noël Chloë Zoé Jérôme Aurélie Jean-Luc Maëlle Étienne Geneviève Hélène " +
			"Benoît Solène Loïc"),
		Lasts: list("Lefèvre Bélanger Côté Gagné D'Amours=damours L'Écuyer=lecuyer Tremblay Bouchard " +
			"de_la_Fontaine=delafontaine Hébert Thériault Lévesque Desrosiers Saint-Onge=saintonge"),
		Places: []Place{
			{"Montréal", "Canada", "Montréal Sainte-Catherine", "fr-CA"}, {"Québec", "Canada", "", "fr-CA"},
		},
	},
	{
		Share: 2,
		Firsts: list("José María Íñigo Lucía Joaquín Sofía Andrés Inés Raúl Mónica Ángel Begoña Nicolás Rocío Iván " +
			"Ximena"),
		Lasts: list("García_López=garcia.lopez Muñoz Ibáñez Peña Núñez Rodríguez Fernández_de_Córdoba=fdecordoba " +
			"Ordóñez Zúñiga Castañeda Güell Sáez Vázquez Ñíguez=niguez"),
		Places: []Place{
			{"Madrid", "Spain", "Madrid Chamberí", "es-ES"},
			{"Sevilla", "Spain", "", "es-ES"},
			{"Ciudad de México", "Mexico", "CDMX Reforma", "es-ES"},
		},
	},
	{
		Share: 2,
		Firsts: list("Jürgen Käthe Björn Søren Åsa Øyvind Günther Anneliese Þór=thor Ingrid Matthäus Lars Siân Gwên " +
			"Ægir=aegir Ulf"),
		Lasts: list("Müller Weiß=weiss Größmann=groessmann Ångström Sørensen Kjærgård=kjaergard " +
			"von_der_Heide=vonderheide Schröder Þorvaldsdóttir=thorvaldsdottir Høeg Lindqvist Jäger Vinter " +
			"van_’t_Hoff=vanthoff"),
		Places: []Place{
			{"München", "Germany", "München Ost", "en-US"},
			{"København", "Denmark", "København Nord", "en-US"},
			{"Zürich", "Switzerland", "", "en-US"},
		},
	},
	{
		Share: 2,
		Firsts: list("Łukasz Agnieszka Zdeněk Jiřina Ondřej Şebnem İbrahim=ibrahim Çağla Gökçe Ștefan=stefan Ioana " +
			"Đorđe=dorde Živa Małgorzata"),
		Lasts: list("Wójcik Dąbrowski Kowalczyk Němcová Dvořák Yılmaz=yilmaz Öztürk Şahin Ionescu Đurić=duric " +
			"Žižek Wałęsa Brzęczyszczykiewicz Țurcanu=turcanu"),
		Places: []Place{{"Kraków", "Poland", "Kraków Zabłocie", "en-US"}, {"İstanbul", "Türkiye", "", "en-US"}},
	},
	{
		Share:  1,
		Firsts: list("Aarav Priya Venkata Lakshmi Arjun Meera Sanjay Divya Rohan Ananya Harpreet Kavya"),
		Lasts:  list("Krishnamurthy Iyer Patel Chattopadhyay Reddy Singh Venkataraman Nair Deshpande Bhattacharya"),
		Places: []Place{{"Bengaluru", "India", "Bengaluru Koramangala", "en-US"}},
	},
	{
		Share:  1,
		Firsts: list("伟=wei 芳=fang 秀英=xiuying 敏=min 静=jing 强=qiang 磊=lei 洋=yang 艳=yan 杰=jie"),
		Lasts:  list("王=wang 李=li 张=zhang 刘=liu 陈=chen 欧阳=ouyang 司马=sima 诸葛=zhuge 赵=zhao 黄=huang"),
		Places: []Place{{"上海", "China", "上海 静安", "en-US"}},
	},
	{
		Share:  1,
		Firsts: list("서연=seoyeon 민준=minjun 지우=jiwoo 도윤=doyun 하은=haeun 예준=yejun 수빈=subin 현우=hyunwoo"),
		Lasts:  list("김=kim 이=lee 박=park 최=choi 정=jung 남궁=namgung 강=kang 윤=yoon"),
		Places: []Place{{"서울", "Korea, Republic of", "서울 강남", "ko"}},
	},
	{
		Share:  1,
		Firsts: list("太郎=taro 花子=hanako 翔太=shota 美咲=misaki 蓮=ren 陽菜=hina 大輔=daisuke さくら=sakura ケン=ken"),
		Lasts:  list("佐藤=sato 鈴木=suzuki 髙橋=takahashi 田中=tanaka 渡邊=watanabe 伊藤=ito 山本=yamamoto 﨑山=sakiyama"),
		Places: []Place{{"東京", "Japan", "東京 丸の内", "ja"}},
	},
	{
		Share:  1,
		Firsts: list("Sukarno Suharto Budiono Wati Suryani Madonna Harjo Teller Prabowo Ayu Dewi Nyoman"),
		Places: []Place{{"Jakarta", "Indonesia", "Jakarta Sudirman", "en-US"}},
	},
}

// list parses a line of the table above.
func list(line string) []Name {
	words := strings.Fields(line)
	names := make([]Name, len(words))
	for i, word := range words {
		text, handle, given := strings.Cut(word, "=")
		text = norm.NFC.String(strings.ReplaceAll(text, "_", " "))
		if !given {
			handle = fold(text)
		}
		names[i] = Name{text, handle}
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

// Offices are the places with an office, sorted by its name.
var Offices = func() []Place {
	var all []Place
	for _, culture := range All {
		for _, p := range culture.Places {
			if p.Office != "" {
				all = append(all, p)
			}
		}
	}
	slices.SortFunc(all, func(a, b Place) int { return strings.Compare(a.Office, b.Office) })
	return all
}()
