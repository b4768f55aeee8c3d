# SPDX-License-Identifier: Apache-2.0
"""English and Manglish templates of the training interviews; slots are explained in
`talk_generator`.
"""

from __future__ import annotations

# What people do, said of a named person or of somebody without a name (see NOBODY).
VERBS = tuple(
    """came to see me|called me last night|don't want to listen|was sitting beside me|never visit already|got married|lost the job|scolded me in front of everybody|drove me home|told me not to worry
helped me fill the form|cried the whole night|is still staying there|moved out|passed away|fell sick also|understands me|always ask me to eat|bought me a phone|didn't know what to do
works there|used to be like that|got the same illness|taught me how to breathe|came late|say okay lah|also join|sent me a voice message|stopped talking to me|brought some fruits
wants to be a nurse|is quite strict|is a very quiet person|left for overseas|gave me the courage|was the one who noticed|thinks I am lazy|went back already|shouted at me|knows everything
waited outside|took care of the kids|will fetch me later|said sorry|can cook very well|keeps my medicine|signed for me|prayed for me|started the whole thing|has been supportive
was there when it happened|asked about you|said it's not my fault|doesn't believe in medicine|told the doctor everything|ran away from home|borrowed my money|introduced me to the group|is expecting a baby|had a stroke""".replace(
        "\n", "|"
    ).split("|")
)

# {x} is a person; the same place takes a named person or NOBODY.
PLACES_FOR_PERSON = tuple(
    """I told {x} about the voices|I was staying with {x} that time|without {x} I think I would not be here|so {x} and I went there together|I had a fight with {x}|because of {x} I take my medicine
it was {x} who called the ambulance|I owe {x} a lot|don't tell {x} okay|I asked {x} to come along|I was thinking about {x}|{x} and {x} are the ones I trust|I met {x} at the clinic
I rang {x} at two in the morning|they all said {x} was right|the house belongs to {x}|I learnt that from {x}|me and {x} we don't talk|I left the baby with {x}|I followed {x} to the meeting
when {x} is around I feel safe|I only open up to {x}|then suddenly {x} appeared|my relationship with {x} is better now|she is closer to {x}|I saw {x} at the market|I wrote a letter to {x}
I didn't want {x} to see me like that|then I gave the keys to {x}|I shared a room with {x}|even {x} also say the same thing|not {x}, the other one|like {x} always say, take it slow|I still remember what {x} said
if not for {x} lah|I will never forgive {x}|you should talk to {x}|I miss {x}|I take after {x}|there was me, {x}, and {x}|except {x}, nobody came|after {x} left, I stopped eating|before {x} came I was alone
{x}'s mother cooked for us|{x}'s place is nearby|I borrowed {x}'s car|that is {x}'s idea|I went to {x}'s wedding|{x}'s son also same class|it was {x}'s birthday""".replace(
        "\n", "|"
    ).split("|")
)

# Somebody without a name: the same frames, nothing to mark.
NOBODY = tuple(
    """my mother|my father|my brother|my sister|my wife|my husband|my uncle|my auntie|the doctor|the nurse|my boss|my supervisor|the teacher|my friend|my best friend|a friend of mine|my neighbour|he|she|they|somebody
my son|my daughter|the counsellor|the social worker|my cousin|my grandmother|my ah ma|my ah kong|my mak|my abah|my kakak|my abang|the makcik next door|the pakcik at the stall|this one guy|that lady|the whole family|everyone
the psychiatrist|the specialist|my roommate|my girlfriend|my boyfriend|my ex|the landlord|the policeman|the pharmacist|my in-laws|my eldest|my youngest|the ustaz|the pastor|my colleague|one aunty|one uncle|the MO|the sister in charge|the team
people|my niece|my nephew|my parents|the peer worker|my sponsor|the guard|the boys|the girls|mum|dad|mummy|papa|grandma|ayah|ibu|the volunteer|our leader|the committee|my godmother|the kids""".replace(
        "\n", "|"
    ).split("|")
)

NAMED = """My name is {F}.
My name is {F}, people call me {N}.
I'm {N}.
I'm {P}, from {L}.
I am {F}, IC {I}.
Just call me {N} lah.
Everybody call me {N}.
You can call me {N}, or {K}.
Is it okay if I call you {N}?
They used to call me {N} in school.
My nickname is {N}.
In the IC it's {F}, but just {N} will do.
It's {N}, spelled {Q}.
{Q}.
The name is spelled {Q}, {N}.
That's {Q}, {F}.
Okay, so, {N}, thank you for coming today.
So {N}, can you tell me about the first time?
Thank you, {H}.
Morning, {K}.
Hi {N}, how are you feeling today?
Right, {N}?
Yeah, {N}, I think so.
No lah {N}, not like that.
{N} ah, you know what happened?
And {N}?
{N}.
{F}.
{N}, {N} and {N}, all of them.
Um {N}, maybe you share first.
Thanks {N}. What about you, {N}?
Alright {N}, let's start.
Welcome {H}, please have a seat.
Sorry, {N}, can you repeat?
See you next week, {N}.
Bye {N}.
{N} lah, who else.
Ask {N} lah.
{N} also the same.
Eh {N}, come here.
This is {P} speaking, today is {D}.
The participant is {F}, the interviewer is {P}.
Interviewer {P}, date {D}, place {L}.
For the recording, my name is {F} and I work at {O}.
I'm {H} from {O}.
I was born in {L}, on {D}.
I was born on {D}.
Date of birth {D}.
My birthday is {D}.
I moved to {L} in {D} after I left {O}.
I'm staying in {L}, near {L}.
I grew up in {L}, then we shifted to {L}.
From {L} to {L} take about two hours.
My kampung is in {L}.
We stay at {A}.
My address is {A}.
The address, {A}.
House number is {A}.
I live along {A}, same road as {O}.
I went to {O} in {L} on {D}.
They sent me to {O}.
I was warded at {O} for two weeks.
I was admitted to {O} in {D}, ward {I}.
I studied at {O} until {D}.
After {O} I joined {O}.
I used to work for {O}, as a clerk.
My company last time, {O}, they closed down in {D}.
I found out about {O} from {N}.
I joined {O} in {D}.
Every Saturday we meet at {O}.
We pray at {O}.
My son studies at {O}, my daughter at {O}.
{O} gave us some allowance.
{N} from {O} called me.
{H} from {O} did the assessment.
I go to {O} for my depot.
My number is {M}.
You can reach me at {M}.
Phone, {M}. WhatsApp also can.
My IC is {I}.
IC number {I}, name {F}.
The MRN is {I}.
My account number is {I}, under {F}.
The car plate is {I}.
The car number {I}, belongs to {N}.
My email is {E}.
Email me at {E}, attention {N}.
My passport number is {I}.
I'm {G} years old.
I am {G} this year.
I was {G} when my father died.
My mother is {G} already.
My son {N} is {G}, my daughter {N} is {G}.
She is {G}, turning {G} in {D}.
I'm {G}, my wife {N} is {G}.
My husband {N} works at {O} in {L}.
My wife, {N}, she passed away in {D}.
My late father, {F}, was a teacher at {O}.
My sister {N} married a guy from {L}.
My brother {N} is in {L}.
My eldest brother, {N}, he is the one.
My cousin {N} and my aunt {K}.
We have three kids, {N}, {N} and {N}.
My boss, {H}, was very strict.
My supervisor {H} and my colleague {N}.
My neighbour {K} always cook for us.
My best friend is {N}, she works for {O}.
My ex, {N}, took the children.
My psychiatrist is {H}.
The doctor, {H}, told me to come back on {D}.
I see {H} every two months.
Under {H}, the dose went down to {Z}.
The nurse, {H}, gave me {Z}.
{H} said I have bipolar.
There's this guy, {N}, he always disturb people.
The girl named {N}, ah, that one.
A man called {F} came to my house.
He goes by {N}.
They named the baby {N}.
She is called {N}.
It was {N} who told {N} that {N} was sick.
I think it was {N} or {N}, I cannot remember.
And then {N}, uh, {N}, he just left.
I was with {N} them at the mamak.
Me and {N} grew up in {L}.
Only {N} knows about this.
With {N} it was different.
{N} said, {N}, you must be strong.
{N}'s mother is also staying in {L}.
I'm {N}'s mother.
{N}'s dad is {H}.
That is {N}'s house.
I remember {N} told me, don't go there.
I voted for {F}.
{F} is my lawyer.
The patient {F} was admitted to {O} on {D}.
Patient's name {F}, age {G}, from {L}.
{C} is my sister.
My friend {C} came with me.
I told {C} about it.
{C} said she was okay with that.
{K} bakes the best cakes.
{C}'s husband left her.
Then {C} drove me to {L}.
So {C}, how are you feeling?
{C} and {C} are twins.
I will ask {C} to call you.
Last month {C} got married.
Miss {C} was kind to me.
You know {C}, right?
{C} doesn't like it.
{C} went home already.
On {D} I collapsed at {O}.
It happened on {D}, I was {G}.
In {D} they changed my medicine to {Z}.
The accident was in {D}, near {A}.
{D}, that was the darkest day.
It started around {D}.
We got married in {D}, in {L}.
I came out of {O} on {D}.
{L} is very quiet compared to {L}.
I took the bus from {L}.
People in {L} are like that.
{O} is just behind {O}.
I follow {N} on Facebook, her name there is {E}.
Could you introduce yourself? Sure, I'm {F}.
What's your name? {F}.
Your name please? {N}.
Who is that? {N}, my cousin.
Who came with you? {N} and {K}.
Where do you stay? {A}.
Where are you from? {L}.
How old are you? {G}.
When was that? {D}.
Which hospital? {O}.
What is your phone number? {M}.
And your IC? {I}.
Who is your doctor? {H}.
Who is in charge? {H}.
{N} told me, {K} is not well.
The one who interviewed me was {H} from {O}.
Dear {N}, I hope you are well.
Yours, {F}.
Signed, {F}, {D}.
Name: {F}. Age: {G}. Address: {A}. Tel: {M}.
Shoutout to {N}, {N} and {H}.
I said to {N}, enough is enough.
{N} kept saying, {N}, wake up, wake up.
Poor {N}, she had to see all that.
Even {H} was surprised.
My daughter {N} drew a picture of {H}.
Old {N} from the shop, he knows.
That fellow {N} owes me {Z}.
Don't bring {N} into this.
Thank God for {N}.
So {N} was like, what are you doing?
{N}, she goes to {O}, she's the smart one.
Please inform {H} at {M}.
I am the mother of {F}.
{N} and his wife {N} run {O}.
I named my cat {N}.
Little {N} asked me, why you cry.
{N} {N} {N}, how many times I called.
Is {N} there? No, {N} went to {L}.
The late {F} was my teacher.
Who is {N} to you?
So who is {N}?
{C}, who is that?
What is {N} like?
Thanks for coming {N} I'm {N} and I will ask you some questions.
I'm {N}, I'll be interviewing you today.
I'm {N}, {H} asked me to talk to you.
My name {N}, I am from the research team.
Nice to meet you {N}.
People used to say {N} is mad.
The neighbours call me crazy {N}.
I help {N} with her business.
I help {C} to sew, {N} sells it.
I do the accounts for {N}.
Did {C} come to see you?
Has {N} ever been admitted?
Did {N} visit you again?
Does {N} know that you are here?
{N} open one, that shop.
{N} lent me money, {N} never ask back.
I want to thank {H} and all the staff.
Send my love to {K} and {N}.
Tell {H} that I am better.
{H} referred me to {H}.
She works with {H}.
My lawyer is {H}, my boss {H}, my teacher {H}.
{K} and {K} came.
I shared the room with {C}.
{C} sings at night.
{C} sleeps in the next bed.
Behind me is {C}, in front is {N}.
{C}'s daughter is in the photo.
I cannot stand {C}.
My darling {C}.
As {N}, I would say never give up.
If I was not {N}, who would I be?
The old {N} is gone.
General {N}, Justice {N} and Senator {F}.
I know who {N} is.
I listen to {N}'s songs.
On behalf of {F}.
{F}, {F}, and {F}.
{N} here, calling from {O}.
That's everything {N} do you want to add something?
Okay {N} we will stop now.
{N} could you tell me a little more?
This is {N}.
Hello, this is {N} from {O}.
Hi, it's {N} here.
{N} speaking.
{N} here.
My name's {N}.
I'm {N} and this is {N}.
We are at {O} in {L}.
We are in {O}, ward {I}.
Outside {O} somebody took my motor.
{O} pay very well, but I quit.
The van from {O} picked me up.
Near {O}, opposite {O}.
They refer me to {O}, then {O}.
{O} and {O} are under one roof.
I was discharged from {O} in {D}.
The people at {O} treat me well.
{H} is based at {O}.
I volunteer at {O} on weekends.
{O} in {L} has no bed.
My shop is in {L}, beside {O}.
All the way from {L} to {O}.
I got the letter from {O} dated {D}.
{L} people, {L} food.
The whole of {L} knows.
Last time in {L}, now {L}.
I arranged chairs at {O}.
{O} gave me a job as a clerk.""".splitlines()
