// What text is mostly made of, in runs of four characters.
#pragma once

#include <string_view>

namespace plimsoll::detect {

// The 512 commonest runs of four ASCII characters in the training texts, the commonest first; letters in lower case,
// white space as blanks. A byte of a literal that stands in one of them tells little.
inline constexpr std::string_view kCommonRuns =
    "     thethe  to ing   | and    | and of  youhat tion is  in you  tha fore thare thatfor ion  are"
    "n thatios thwhatent t th witwith thihow  can prother on mente a can ng this  conf thour s a ate "
    "ith  my ould it of tave e toout  hav be  nots anhaveuld he sd thed tin t as your comted not ere "
    "s tod totingthisher hereill userthin | || | e ane inng aone e of whis in | 1all  an  sho intthey"
    "is a frore tctiofromter ive  waseverhey on t sta a snd tuse e coite ionsr ths ofrom hingwillt to"
    " or  res@use wilto tes a, an how if he cre awas  use. th woright allhe pt is cha do any t ofhe f"
    " at ust  aboo thhen e foat isomeking traringple ers  man a cg thlikean in't  eve perboutat t som"
    "ant  butabounce ome lly is t like is wheat a who whaine n a who es tess but  he ally me te a any"
    "he wt a ore ver reatnts eoploplepeop her diser ttime exp out reaike an ain a imp hasght ity ons "
    " couotheser justake mplee rescried ahe mest ies hitember peo pree yoou aport gethas whit onend a"
    "inte partiveshous ar a p jusnd i by houlor tack ble to a plaon a carwhenas ased t anemens no don"
    "to sn any thhe tsing tim | 2 morentito bget theie be hisg toost lineheirnow les he rof aeen woul"
    "eir  shen i , thile s follow wouicalcontablet in filnt te prenceentsformverycompe modingain caus"
    "ure to counte whhe ahe b sped inng interber rateoughauseknowe ster asion str desage riptovern in"
    " wancommn yo atthe du arecti accor aressve ates  knoial cesslistt rethem a fningve twork makonal"
    "cripy tofileits d a e dewantancemore so creacoune wiut tse tto m a bred es ihe i calow tven t yo"
    " no  linhe oexplnal ays needh th a lre id an neeo beich n toder  monist er ind se onnderts acall"
    " becses ell m thshe statame )   on ocodelingrespquesactiide perse haow ccal t's ort prest ha0   "
    "make recf yo funer: e wae cal thto d up he l doedoess bet cospeceventhanstemoes ase stant arng o"
    "w caous angelatete te aript  incs ont cad yooundes oy anis ieed e soself queen tdenttakeeachhe n"
    "rienmost. i end ser: de d beionat beth aman  a m stuyingng s take maed ies. easethoue me codsyst"
    "consatede see no scrwhics coard ";

}  // namespace plimsoll::detect
